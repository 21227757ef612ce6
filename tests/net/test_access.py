"""Who is told who we are, through which proxy, and with which certificates."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from service.net.access import PUBLIC, Access, Tls
from service.net.client import Client, Limits
from service.net.failures import FailureKind, FetchFailure
from tests.origin import Origin

LOOPBACK = Path(__file__).parent / "loopback.pem"
"""a certificate for 127.0.0.1 that nobody signed, and its key"""
LIMITS = Limits(total_s=1.0, spacing_s=0.0)
BASIC = "Basic " + base64.b64encode(b"ann:s3cret").decode()
OPEN = Access(allow_private=True)
KNOWN = Access(allow_private=True, authorization="Bearer s3cret")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(LIMITS) as client:
        yield client


@pytest.fixture
async def other() -> AsyncIterator[Origin]:
    """An origin of another port."""
    other = Origin()
    await other.server.start_server()
    yield other
    await other.server.close()


@pytest.fixture
async def secure() -> AsyncIterator[Origin]:
    """An origin over TLS."""
    secure = Origin()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(LOOPBACK)
    await secure.server.start_server(ssl=context)
    yield secure
    await secure.server.close()


def with_login(url: str) -> str:
    return url.replace("://", "://ann:s3cret@")


def authorizations(origin: Origin) -> list[str | None]:
    return [request.headers.get("Authorization") for request in origin.requests]


async def test_a_login_in_the_address_is_sent_as_a_header_and_shown_nowhere(client: Client, origin: Origin) -> None:
    url = origin.gives("/feed", b"here")
    response = await client.fetch(with_login(url), access=OPEN)
    assert authorizations(origin) == [BASIC]
    assert response.final_url == url


async def test_a_login_goes_to_its_own_origin_and_to_no_other(client: Client, origin: Origin, other: Origin) -> None:
    # given an origin that sends us on to itself and then to another one
    end = other.gives("/end", b"here")
    origin.gives("/two", status=301, Location=end)
    start = origin.gives("/one", status=301, Location="/two")
    for url, access in [(with_login(start), OPEN), (start, KNOWN)]:
        response = await client.fetch(url, access=access)
        assert response.permanent_redirect == end
    # then
    assert authorizations(origin) == [BASIC, BASIC, "Bearer s3cret", "Bearer s3cret"]
    assert authorizations(other) == [None, None]


async def test_a_login_is_not_sent_to_where_the_feed_has_moved(client: Client, origin: Origin, other: Origin) -> None:
    end = other.gives("/end", b"here")
    await client.fetch(with_login(origin.url("/feed")), access=OPEN, moved_to=end)
    assert (authorizations(other), origin.requests) == ([None], [])


async def test_a_login_that_a_redirect_carries_is_not_ours(client: Client, origin: Origin) -> None:
    origin.gives("/end", b"here")
    start = origin.gives("/feed", status=302, Location=origin.url("/end").replace("://", "://eve:x@"))
    response = await client.fetch(start, access=OPEN)
    assert authorizations(origin) == [None, None]
    assert "eve" not in response.final_url


async def test_nothing_says_where_we_came_from(client: Client, origin: Origin) -> None:
    origin.gives("/end", b"here")
    await client.fetch(origin.gives("/feed", status=302, Location="/end", Set_Cookie="a=1"), access=OPEN)
    assert not {"Referer", "Cookie"} & {name for request in origin.requests for name in request.headers}


@pytest.mark.parametrize("address", ["http://ann:s3cret@[::1", "ftp://ann:s3cret@x/", "http://ann:s3cret@127.1/"])
async def test_no_failure_repeats_a_password(
    client: Client, origin: Origin, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    start = origin.gives("/feed", status=302, Location=address)
    for url in (address, start):
        with pytest.raises(FetchFailure) as caught:
            await client.fetch(url, access=OPEN)
        assert "s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__cause__} {caplog.text}"
    assert "s3cret" not in repr(KNOWN)


async def test_a_redirect_from_https_to_http_is_refused_where_a_login_was_sent(
    client: Client, secure: Origin, origin: Origin
) -> None:
    end = origin.gives("/end", b"here")
    start = secure.gives("/feed", status=301, Location=end).replace("http:", "https:")
    with pytest.raises(FetchFailure) as caught:
        await client.fetch(with_login(start), access=Access(allow_private=True, tls=Tls(ca_file=LOOPBACK)))
    assert caught.value.kind is FailureKind.BAD_REDIRECT
    assert origin.requests == []
    # without one it is followed
    assert (await client.fetch(start, access=Access(allow_private=True, tls=Tls(ca_file=LOOPBACK)))).body == b"here"


async def test_a_certificate_that_nobody_signed_needs_the_feeds_own_word(client: Client, secure: Origin) -> None:
    url = secure.gives("/feed", b"here").replace("http:", "https:")
    with pytest.raises(FetchFailure) as caught:
        await client.fetch(url, access=OPEN)
    assert caught.value.kind is FailureKind.TLS
    for tls in (Tls(ca_file=LOOPBACK), Tls(insecure=True)):
        assert (await client.fetch(url, access=Access(allow_private=True, tls=tls))).body == b"here"


async def test_a_file_of_certificates_that_is_not_there_is_a_failure_of_that_feed(client: Client) -> None:
    with pytest.raises(FetchFailure) as caught:
        await client.fetch("https://127.0.0.1/", access=Access(tls=Tls(ca_file=Path("/nowhere.pem"))))
    assert caught.value.kind is FailureKind.TLS


async def test_a_proxy_is_asked_for_a_public_target_alone(origin: Origin) -> None:
    # given a proxy in a private network
    asked: list[str] = []

    async def relay(request: web.Request) -> web.Response:
        asked.append(f"{request.headers['Host']} {request.headers.get('Proxy-Authorization', '')}")
        return web.Response(body=b"through the proxy")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", relay)
    async with TestServer(app) as proxy:
        access = Access(proxy=str(proxy.make_url("/").with_user("ann").with_password("s3cret")))
        async with Client(LIMITS, allows=lambda address: address == "127.0.0.9") as client:
            # when it is asked for a target that passes for a public one, and for others
            assert (await client.fetch("http://127.0.0.9/feed", access=access)).body == b"through the proxy"
            for private in ("http://10.0.0.1/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/"):
                with pytest.raises(FetchFailure) as caught:
                    await client.fetch(private, access=access)
                assert caught.value.kind is FailureKind.ADDRESS_REFUSED
    # then
    assert asked == [f"127.0.0.9 {BASIC}"]


class Tunnel:
    """A proxy that tunnels to wherever it is asked to, and what it could read of that."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tunnelled = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(request)
        host, _, port = request.split(" ")[1].rpartition(":")
        target, onward = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(self._pass(reader, onward, kept=True), self._pass(target, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bool = False) -> None:
        while chunk := await reader.read(65_536):
            self.tunnelled += chunk if kept else b""
            writer.write(chunk)
        writer.close()


async def test_an_https_target_is_tunnelled_to_and_the_proxy_reads_nothing_of_it(secure: Origin) -> None:
    # given
    url = secure.gives("/feed", b"through the tunnel").replace("http:", "https:")
    tunnel = Tunnel()
    server = await asyncio.start_server(tunnel.serve, "127.0.0.1", 0)
    proxy = f"http://ann:s3cret@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    access = Access(authorization="Bearer for-the-feed", proxy=proxy, tls=Tls(ca_file=LOOPBACK))
    async with server, Client(LIMITS, allows=lambda address: address == "127.0.0.1") as client:
        # when
        assert (await client.fetch(url, access=access)).body == b"through the tunnel"
        with pytest.raises(FetchFailure) as caught:
            await client.fetch("https://10.0.0.1/", access=access)
    # then
    (asked,) = tunnel.asked
    assert caught.value.kind is FailureKind.ADDRESS_REFUSED
    assert asked.startswith(f"CONNECT 127.0.0.1:{secure.server.port} HTTP/1.1")
    assert f"Proxy-Authorization: {BASIC}" in asked
    assert "for-the-feed" not in asked
    assert b"for-the-feed" not in tunnel.tunnelled
    assert authorizations(secure) == ["Bearer for-the-feed"]


async def test_nothing_of_the_environment_sends_us_elsewhere(
    client: Client, origin: Origin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password x\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    await client.fetch(origin.gives("/feed", b"here"), access=OPEN)
    assert authorizations(origin) == [None]


async def test_a_name_is_resolved_and_its_addresses_are_checked(client: Client, origin: Origin) -> None:
    url = origin.gives("/feed", b"here").replace("127.0.0.1", "localhost")
    assert (await client.fetch(url, access=OPEN)).body == b"here"
    with pytest.raises(FetchFailure) as caught:
        await client.fetch(url, access=PUBLIC)
    assert caught.value.kind is FailureKind.ADDRESS_REFUSED


async def test_a_name_that_does_not_exist_is_unreachable(client: Client) -> None:
    with pytest.raises(FetchFailure) as caught:
        await client.fetch("http://nowhere.invalid/", access=PUBLIC)
    assert caught.value.kind is FailureKind.UNREACHABLE
