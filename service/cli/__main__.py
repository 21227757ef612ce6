"""`claimwire`, and `python -m service.cli`, by which the supervisor starts its children."""

import signal


def main() -> None:
    """Loads the program and runs it. Ctrl-C before it is there ends it without a word, as it ends other programs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from service.cli.main import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
