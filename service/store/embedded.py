"""The embedded server: a Valkey or Redis of our own, so that one command runs everything.

    another process supervises the directory   → adopt its server; it is not ours to stop, as long as that one lives
    a server of it outlived its supervisor     → take it over
    neither                                    → choose a program, repair its file, start it
    then, as long as the block runs            → it is started again when it dies, on the same socket and port

The wheel brings the program alone: what is around it there has no append-only file, no lock, and kills at exit.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import structlog

from service.errors import ServerUnusable
from service.store.binaries import Binary, choose, found, repair
from service.store.directory import Record, ServerDirectory, is_ready, serving_pid

START_S = 120.0
"""for a start: a large append-only file takes its time to load"""
STOP_S = 15.0
"""for a server to write what it has and end; then it is killed"""
LOOK_S = 0.02
ADOPTED_LOOK_S = 0.2
LOG_CAP_BYTES = 5_000_000
"""the server's log is set aside at a start when it is larger; one such file is kept"""

PR_SET_PDEATHSIG = 1

log = structlog.get_logger(__name__)


class EmbeddedServer:
    """The server of one data directory, for as long as the block runs: `async with EmbeddedServer(path) as server`."""

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        binaries: Callable[[], Sequence[Binary]] = found,
        lasting: bool = True,
    ) -> None:
        """Nothing happens before the block is entered.

        Args:
            data_dir: of this server alone; made if it is not there.
            port: TCP port on 127.0.0.1, for subscribers on this host; 0 takes a free one.
            binaries: the programs to choose from, the preferred one first.
            lasting: the server outlives a supervisor that is killed, and the next one takes it over. Without it the
                server ends with its supervisor (on Linux): nobody would ever find one in a temporary folder again.
        """
        self._lasting = lasting
        self._directory = ServerDirectory(data_dir)
        self._binaries = binaries
        self._port = port
        self._binary: Binary | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._record: Record | None = None
        self._pid: int | None = None
        self._watching: asyncio.Task[None] | None = None
        self.owned = False
        """this process supervises the server and will stop it"""

    @property
    def url(self) -> str:
        """The unix socket: for processes of this user on this host."""
        return self._known().url

    @property
    def tcp_url(self) -> str:
        """The loopback port: for subscribers on this host."""
        return f"redis://127.0.0.1:{self._known().port}/0"

    @property
    def pid(self) -> int:
        """Of the server; changes when it was started again."""
        if self._pid is None:
            raise _not_running()
        return self._pid

    async def __aenter__(self) -> EmbeddedServer:
        """Starts, takes over or adopts the server.

        Raises:
            ServerUnusable: no program, the wrong one for the data, a port in use, a directory that is not ours.
        """
        self._directory.make()
        self.owned = self._directory.supervise()
        try:
            if not self.owned or self._directory.is_served():
                await self._adopt()
            else:
                await self._start()
        except BaseException:
            await self._stop()
            raise
        self._watching = asyncio.create_task(self._watch(), name="embedded.watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the server if it is ours; what it was told is on disk then."""
        try:
            if self._watching is not None:
                self._watching.cancel()
                with suppress(asyncio.CancelledError):
                    await self._watching
        finally:
            await self._stop()

    async def _adopt(self) -> None:
        """Waits for the server that somebody else started, or is starting.

        Raises:
            ServerUnusable: it does not answer.
        """
        deadline_s = time.monotonic() + (5.0 if self.owned else START_S)
        while True:
            self._record = self._directory.read()
            if self._record is not None and self._directory.is_served():
                self._pid = await asyncio.to_thread(serving_pid, self._record.socket)
                if self._pid is not None:
                    log.info("server.adopted", pid=self._pid, taken_over=self.owned)
                    break
            self.owned = self.owned or self._directory.supervise()  # its supervisor may end while we wait
            if self.owned and not self._directory.is_served():
                await self._start()
                break
            if time.monotonic() > deadline_s:
                raise ServerUnusable(
                    f"the data directory {self._directory.path} is in use by a server that does not answer",
                    f"Look at {self._directory.log_file}; end the process that uses it, or choose another --data-dir.",
                )
            await asyncio.sleep(0.1)

    async def _start(self) -> None:
        before = self._directory.read() if self._directory.has_data() else None
        if before is None and self._directory.has_data():
            raise ServerUnusable(
                f"{self._directory.path} holds data of a server that Claimwire did not start",
                "Choose another --data-dir, or set REDIS_URL to that server.",
            )
        binaries = await asyncio.to_thread(self._binaries)
        family, version = (before.family, before.version) if before else (None, None)
        self._binary = choose(binaries, family, version, self._directory.path)
        self._port = _free_port(self._port)
        await self._launch()

    async def _launch(self) -> None:
        """Starts the program and waits until it answers."""
        assert self._binary is not None
        if not await asyncio.to_thread(repair, self._binary, self._directory.append_dir):
            log.warning("server.unrepaired", directory=str(self._directory.path))
        self._directory.set_log_aside(LOG_CAP_BYTES)
        socket_path = self._directory.socket_path()
        lock = await self._lock()
        self._record = Record(self._binary.family, self._binary.version, str(socket_path), self._port)
        self._directory.write(self._record)
        try:
            self._process = await asyncio.create_subprocess_exec(
                self._binary.path,
                *_options(self._directory, socket_path, self._port),
                pass_fds=(lock,),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us: the server must outlive those who drain into it
                preexec_fn=None if self._lasting else _end_with_parent,
            )
        finally:
            os.close(lock)
        self._pid = self._process.pid
        await self._answered(self._process, str(socket_path))
        log.info("server.started", family=self._binary.family, version=self._binary.version, pid=self._pid)

    async def _lock(self) -> int:
        """The server's lock; somebody who only looks may hold it for a moment."""
        for _ in range(100):
            if (lock := self._directory.lock_server()) is not None:
                return lock
            await asyncio.sleep(LOOK_S)
        raise ServerUnusable(f"a server still uses {self._directory.path}", "Wait until it has ended.")

    async def _answered(self, process: asyncio.subprocess.Process, socket_path: str) -> None:
        deadline_s = time.monotonic() + START_S
        while not await asyncio.to_thread(is_ready, socket_path):
            if process.returncode is not None or time.monotonic() > deadline_s:
                last = _last_lines(self._directory.log_file)
                ended = "ended" if process.returncode is not None else f"did not answer within {START_S:.0f} s"
                raise ServerUnusable(f"the embedded server {ended}: {last}", f"See {self._directory.log_file}.")
            await asyncio.sleep(LOOK_S)

    async def _watch(self) -> None:
        """Starts the server again whenever it dies; one that was adopted, when its supervisor is gone too."""
        while True:
            await self._ended()
            if not self.owned and not self._directory.supervise():
                await asyncio.sleep(ADOPTED_LOOK_S)
                self._pid = await asyncio.to_thread(serving_pid, self._known().socket) or self._pid
                continue
            self.owned = True
            log.warning("server.died", pid=self._pid)
            await self._start_again()

    async def _start_again(self) -> None:
        pause_s = 0.05
        while True:
            try:
                if self._binary is None:  # it was taken over, not started, by us
                    self._port = self._known().port
                    await self._start()
                else:
                    await self._launch()
                return
            except (ServerUnusable, OSError) as error:
                log.error("server.unstartable", error=str(error), again_in_s=pause_s)
                await asyncio.sleep(pause_s)
                pause_s = min(1.0, pause_s * 2)

    async def _ended(self) -> None:
        if self._process is not None:
            await self._process.wait()
        while True:
            if not self._directory.is_served():
                return
            await asyncio.sleep(LOOK_S if self.owned else ADOPTED_LOOK_S)

    async def _stop(self) -> None:
        if not self.owned:
            return
        if self._record is not None and self._directory.is_served():
            pid = self._pid or await asyncio.to_thread(serving_pid, self._record.socket)
            if pid is not None:
                await self._end(pid)
        if self._record is not None:
            self._directory.remove_socket()
        self._directory.release()
        self.owned = False

    async def _end(self, pid: int) -> None:
        for number, patience_s in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended(), patience_s)
                log.info("server.stopped", pid=pid, signal=number.name)
                return

    def _known(self) -> Record:
        if self._record is None:
            raise _not_running()
        return self._record


def _end_with_parent() -> None:
    """Runs in the server's process before the program does: SIGTERM when the parent is gone. See prctl(2)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def live_url(data_dir: Path) -> str | None:
    """The address of the server that runs on this directory now (as given to EmbeddedServer); None if there is none."""
    directory = ServerDirectory(data_dir)
    if not directory.path.is_dir():
        return None
    record = directory.read()
    if record is None or not directory.is_served() or serving_pid(record.socket) is None:
        return None
    return record.url


def clear(data_dir: Path) -> bool:
    """Removes a server's data, and ends the server if its supervisor was killed and left it behind.

    Returns:
        False: a running process supervises it, and nothing was done.
    """
    directory = ServerDirectory(data_dir)
    if not directory.path.is_dir():
        return True
    if not directory.supervise():
        return False
    record = directory.read()
    if record is not None and directory.is_served() and (pid := serving_pid(record.socket)) is not None:
        os.kill(pid, signal.SIGKILL)  # its data is to go
    deadline_s = time.monotonic() + STOP_S
    while directory.is_served() and time.monotonic() < deadline_s:
        time.sleep(LOOK_S)
    shutil.rmtree(directory.path, ignore_errors=True)
    directory.release()
    return True


def _options(directory: ServerDirectory, socket_path: Path, port: int) -> list[str]:
    settings = {
        "dir": str(directory.path),
        "bind": "127.0.0.1",
        "port": str(port),
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "daemonize": "no",
        "logfile": str(directory.log_file),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "appenddirname": directory.append_dir.name,
        "maxmemory-policy": "noeviction",
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


def _free_port(port: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServerUnusable(
                f"port {port} on 127.0.0.1 cannot be used: {error.strerror}",
                "Choose another with --redis-port (CLAIMWIRE_REDIS_PORT); 0 takes a free one.",
            ) from error
        bound: int = probe.getsockname()[1]
        return bound


def _not_running() -> ServerUnusable:
    return ServerUnusable("the embedded server is not running", "Use it inside its `async with` block.")


def _last_lines(file: Path, count: int = 3) -> str:
    try:
        return " | ".join(file.read_text("utf-8", "replace").splitlines()[-count:]) or "it wrote nothing"
    except OSError:
        return "it wrote nothing"
