"""The directory of an embedded server: who may write it, who wrote it, and where its server listens."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import socket
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from service.errors import ServerUnusable

_PROCESS = re.compile(rb"process_id:(\d+)\r\n")
_LINE = re.compile(rb"\r\n")

SOCKET_PATH_BYTES = 100
"""the kernel takes 108 on Linux and 104 on macOS"""


@dataclass(frozen=True, slots=True)
class Record:
    """What a server directory says of its server."""

    family: str
    version: str
    socket: str
    port: int

    @property
    def url(self) -> str:
        """For processes of this user on this host."""
        return f"unix://{quote(self.socket)}"


class ServerDirectory:
    """Files and locks of one embedded server.

    Two locks: one is held by whoever supervises, the other by the server itself (it inherits it), so that a server
    that outlives its supervisor is still known to be alive.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._supervising: int | None = None

    @property
    def log_file(self) -> Path:
        """What the server writes about itself."""
        return self.path / "server.log"

    @property
    def append_dir(self) -> Path:
        """The append-only files."""
        return self.path / "appendonlydir"

    def make(self) -> None:
        """Makes the directory, for this user alone.

        Raises:
            ServerUnusable: it cannot be made or written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise ServerUnusable(
                f"the data directory {self.path} cannot be written: {error.strerror}", "Choose another with --data-dir."
            ) from error

    def supervise(self) -> bool:
        """Becomes the supervisor; False if another process is."""
        self._supervising = _lock(self.path / "supervisor.lock")
        return self._supervising is not None

    def release(self) -> None:
        """Ends being the supervisor."""
        if self._supervising is not None:
            os.close(self._supervising)
            self._supervising = None

    def lock_server(self) -> int | None:
        """The lock that a server inherits, as a file descriptor; None if a server holds it."""
        return _lock(self.path / "server.lock")

    def is_served(self) -> bool:
        """A server of this directory is alive, whoever started it."""
        held = _lock(self.path / "server.lock", fcntl.LOCK_SH)  # those who only look do not see each other
        if held is not None:
            os.close(held)
        return held is None

    def has_data(self) -> bool:
        """A server has written here."""
        return self.append_dir.exists() or (self.path / "dump.rdb").exists()

    def read(self) -> Record | None:
        """What the last server was; None if there was none."""
        try:
            return Record(**json.loads((self.path / "server.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, record: Record) -> None:
        """Replaces the record in one step."""
        fresh = self.path / "server.json.new"
        fresh.write_text(json.dumps(asdict(record), indent=1) + "\n", "utf-8")
        fresh.replace(self.path / "server.json")

    def socket_path(self) -> Path:
        """Where the server listens: in the directory, or in a short one of ours if that path is too long.

        Raises:
            ServerUnusable: the short directory belongs to somebody else.
        """
        inside = self.path / "server.sock"
        if len(os.fsencode(inside)) <= SOCKET_PATH_BYTES:
            return inside
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        short = Path(tempfile.gettempdir(), f"claimwire-{os.getuid()}-{digest}")
        short.mkdir(mode=0o700, exist_ok=True)
        if short.is_symlink() or short.stat().st_uid != os.getuid():
            raise ServerUnusable(f"{short} belongs to another user", "Choose a shorter --data-dir.")
        return short / "server.sock"

    def set_log_aside(self, cap_bytes: int) -> None:
        """Begins a new log if the old one is larger than `cap_bytes`."""
        with suppress(OSError):
            if self.log_file.stat().st_size > cap_bytes:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))

    def remove_socket(self) -> None:
        """Takes the socket away, and the short directory if it was in one."""
        path = self.socket_path()
        with suppress(OSError):
            path.unlink()
        if path.parent != self.path:
            with suppress(OSError):
                path.parent.rmdir()


def serving_pid(socket_path: str) -> int | None:
    """The process that serves a socket, be it that it still loads its data; None if there is none."""
    match = _PROCESS.search(_ask(socket_path, b"INFO server\r\n", _PROCESS))
    return int(match[1]) if match else None


def is_ready(socket_path: str) -> bool:
    """The server at a socket has loaded its data and takes commands."""
    return _ask(socket_path, b"PING\r\n", _LINE) == b"+PONG\r\n"


def _ask(socket_path: str, command: bytes, enough: re.Pattern[bytes]) -> bytes:
    """What a server says, up to what was looked for; nothing if it does not answer within a second."""
    told = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1.0)
            client.connect(socket_path)
            client.sendall(command)
            while not told.startswith(b"-") and not enough.search(told):
                part = client.recv(4096)
                if not part:
                    break
                told += part
    except OSError:
        return b""
    return told


def _lock(path: Path, kind: int = fcntl.LOCK_EX) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
