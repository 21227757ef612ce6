"""Clusters and sentinels on loopback: real servers on free ports, put together as an operator would."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import redis
from redis.crc import key_slot

from service.store.binaries import Binary
from tests.cluster import tls
from tests.servers import until

SLOTS = 16_384
TIMEOUT_MS = 1_000
"""after which a node that is silent counts as gone"""


def free_port() -> int:
    """A port whose bus port (10,000 above) is free too: nobody else on this host is given it."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            if port > 50_000:
                continue
            try:
                two.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            return port


@dataclass(slots=True)
class Node:
    """One server on a port of its own."""

    binary: Binary
    options: Sequence[str | int] = ()
    port: int = field(default_factory=free_port)
    sentinel: str = ""
    """the configuration of a sentinel; the empty string: a server"""
    users: bool = False
    """it lets nobody in without a name: that it says so is its answer"""
    password: str = ""
    tls_port: int = 0
    """where it speaks TLS itself; 0: nowhere"""
    _folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="cw-n")
    )
    _process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> Node:
        folder = Path(self._folder.name)
        settings = ["--port", self.port, "--bind", "127.0.0.1", "--dir", folder, *self.options]
        settings += tls.options(self.tls_port) if self.tls_port else []
        command: list[str | int | Path] = [self.binary.path]
        if self.sentinel:
            (folder / "sentinel.conf").write_text(self.sentinel)
            command += [folder / "sentinel.conf", *settings, "--sentinel"]
        else:
            command += [*settings, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]
        self._process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.DEVNULL, start_new_session=True
        )
        until(self.answers)
        return self

    def tell(self, *command: Any) -> Any:
        """One command, on a connection that is closed again; the raw reply."""
        with redis.Redis(
            port=self.port, password=self.password or None, decode_responses=True, protocol=2, socket_timeout=2,
            retry=None,
        ) as client:  # fmt: skip
            client.response_callbacks.clear()
            return client.execute_command(*command)

    def answers(self) -> bool:
        try:
            return bool(self.tell("PING"))
        except redis.AuthenticationError:
            return self.users
        except redis.RedisError:
            return False

    def role(self) -> str:
        """master or slave; the empty string if it does not say"""
        try:
            return str(self.tell("ROLE")[0])
        except redis.RedisError:
            return ""

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.signal(signal.SIGCONT)
            self.kill()
        shutil.rmtree(self._folder.name, ignore_errors=True)
        self._folder.cleanup()


class Cluster:
    """Primaries and as many replicas."""

    def __init__(
        self,
        binary: Binary,
        primaries: int = 3,
        replicas: int = 3,
        options: Sequence[str | int] = (),
        safe: bool = False,
    ) -> None:
        ours = [
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            TIMEOUT_MS,
            "--cluster-replica-validity-factor",
            0,
        ]
        self.nodes = [
            Node(binary, [*ours, *options], tls_port=free_port() if safe else 0) for _ in range(primaries + replicas)
        ]
        self._safe = safe
        self._primaries = primaries

    @property
    def url(self) -> str:
        some = self.nodes[: self._primaries]
        if self._safe:
            return f"rediss+cluster://{','.join(f'127.0.0.1:{node.tls_port}' for node in some)}?ssl_ca_certs={tls.PEM}"
        return f"redis+cluster://{','.join(node.host for node in some)}"

    def start(self) -> Cluster:
        for node in self.nodes:
            node.start()
        primaries = self.nodes[: self._primaries]
        each = SLOTS // len(primaries)
        for at, node in enumerate(primaries):
            last = SLOTS - 1 if node is primaries[-1] else (at + 1) * each - 1
            node.tell("CLUSTER", "ADDSLOTSRANGE", at * each, last)
            node.tell("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
        until(self._all_met)
        for at, node in enumerate(self.nodes[self._primaries :]):
            node.tell("CLUSTER", "REPLICATE", primaries[at % len(primaries)].tell("CLUSTER", "MYID"))
        until(self.is_well)
        return self

    def is_well(self) -> bool:
        """Every node sees every slot served, and each replica has what its primary has."""
        try:
            seen = [node.tell("CLUSTER", "INFO") for node in self.nodes]
            linked = [node.tell("INFO", "replication") for node in self.nodes]
        except redis.RedisError:
            return False
        return all("cluster_state:ok" in told for told in seen) and all(
            "role:master" in told or "master_link_status:up" in told for told in linked
        )

    def primary_of(self, key: str) -> Node:
        """Who has the key's slot now, as the nodes alive see it."""
        slot = key_slot(key.encode())
        for node in self.nodes:
            try:
                for first, last, primary, *_ in node.tell("CLUSTER", "SLOTS"):
                    if first <= slot <= last:
                        return next(each for each in self.nodes if each.port == primary[1])
            except redis.RedisError:
                continue
        raise AssertionError("nobody has the slot")

    def replicas_of(self, primary: Node) -> list[Node]:
        told = primary.tell("INFO", "replication")
        return [node for node in self.nodes if f"port={node.port}," in told]

    def replicated(self, key: str) -> None:
        """Waits until the replicas of the key's primary have said that they have what it has now.

        A replica whose link is up may have been sent nothing yet: its primary waits for its first acknowledgement,
        which comes within a second.
        """
        primary = self.primary_of(key)
        written = int(primary.tell("INFO", "replication").split("master_repl_offset:")[1].split()[0])

        def all_have() -> bool:
            told = re.findall(r"state=online,offset=(\d+)", primary.tell("INFO", "replication"))
            return bool(told) and all(int(offset) >= written for offset in told)

        until(all_have)

    def cut_off_replica_of(self, primary: Node) -> Node:
        """Freezes a primary's replica, and whatever is on its way to it is lost."""
        (replica,) = self.replicas_of(primary)
        replica.signal(signal.SIGSTOP)
        primary.tell("CLIENT", "KILL", "TYPE", "replica")
        return replica

    def failed_over(self, key: str, gone: Node, within_s: float = 90) -> float:
        """Waits until another has the key's slot and serves it; returns the seconds it took."""
        began_s = time.monotonic()

        def served() -> bool:
            try:
                new = self.primary_of(key)
                return new is not gone and "cluster_state:ok" in new.tell("CLUSTER", "INFO")
            except (redis.RedisError, AssertionError):
                return False

        until(served, within_s)
        return time.monotonic() - began_s

    def migrate(self, slot: int, to: Node, pause_s: float = 0.0) -> None:
        """Hands a slot over key by key, as `redis-cli --cluster reshard` does."""
        source = self.primary_of_slot(slot)
        to.tell("CLUSTER", "SETSLOT", slot, "IMPORTING", source.tell("CLUSTER", "MYID"))
        source.tell("CLUSTER", "SETSLOT", slot, "MIGRATING", to.tell("CLUSTER", "MYID"))
        while keys := source.tell("CLUSTER", "GETKEYSINSLOT", slot, 10):
            source.tell("MIGRATE", "127.0.0.1", to.port, "", 0, 5000, "KEYS", *keys)
            time.sleep(pause_s)
        for node in (to, source, *self.nodes):
            try:
                if "role:master" in node.tell("INFO", "replication"):
                    node.tell("CLUSTER", "SETSLOT", slot, "NODE", to.tell("CLUSTER", "MYID"))
            except redis.ConnectionError:
                continue

    def primary_of_slot(self, slot: int) -> Node:
        for first, last, primary, *_ in self.nodes[0].tell("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(each for each in self.nodes if each.port == primary[1])
        raise AssertionError("nobody has the slot")

    def empty(self) -> None:
        for node in self.nodes:
            if "role:master" in node.tell("INFO", "replication"):
                node.tell("FLUSHALL")

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def _all_met(self) -> bool:
        """Introduces who does not know each other, and says whether nobody had to be.

        A handshake that is not through within the node timeout is forgotten by either side alone, as on a machine
        that is busy for a second: introducing once is not enough.
        """
        strangers = [
            (node, other)
            for node in self.nodes
            for other in self.nodes
            if f":{other.port}@" not in node.tell("CLUSTER", "NODES")
        ]
        for node, other in strangers:
            node.tell("CLUSTER", "MEET", "127.0.0.1", other.port)
        told = [node.tell("CLUSTER", "INFO") for node in self.nodes]
        known = f"cluster_known_nodes:{len(self.nodes)}\r"
        return not strangers and all(known in each and "cluster_state:ok" in each for each in told)


class Watched:
    """A primary with a replica, and three sentinels that watch it under the name `news`.

    Args:
        password: of the sentinels alone.
    """

    def __init__(self, binary: Binary, password: str = "") -> None:
        self.primary = Node(binary)
        self.replica = Node(binary, ["--replicaof", f"127.0.0.1 {self.primary.port}"])
        told = (
            f"sentinel monitor news 127.0.0.1 {self.primary.port} 2\n"
            f"sentinel down-after-milliseconds news {TIMEOUT_MS}\n"
            "sentinel failover-timeout news 5000\n"
        ) + (f'requirepass "{password}"\n' if password else "")
        self.sentinels = [Node(binary, sentinel=told, password=password) for _ in range(3)]
        self.unnamed = f"redis+sentinel://{','.join(node.host for node in self.sentinels)}/news"
        """its address without the password"""
        self.url = f"{self.unnamed}?sentinel_password={quote(password)}" if password else self.unnamed

    def start(self) -> Watched:
        self.primary.start()
        self.replica.start()
        until(lambda: "master_link_status:up" in self.replica.tell("INFO", "replication"))
        for sentinel in self.sentinels:
            sentinel.start()
        until(lambda: all(self._sees_the_others(each) for each in self.sentinels))
        return self

    def stop(self) -> None:
        for node in (*self.sentinels, self.replica, self.primary):
            node.stop()

    def _sees_the_others(self, sentinel: Node) -> bool:
        told = sentinel.tell("SENTINEL", "MASTER", "news")
        of = dict(zip(told[::2], told[1::2], strict=True))
        return (of["num-other-sentinels"], of["num-slaves"]) == ("2", "1")
