from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest
import structlog

from service.errors import FeedListError
from service.feeds.config import Feed, load_feed_list
from service.net.access import Tls

SECRET = "Tr0ub4dor&3"


@pytest.fixture(autouse=True)
def logins(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"WIRE_USER": "desk", "WIRE_PASSWORD": SECRET, "WIRE_TOKEN": "t0k.en", "COLON": "a:b", "LINES": "a\nb"}
    for name, value in held.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NOT_SET", raising=False)


def feed(folder: Path, *lines: str) -> Feed:
    path = folder / "feeds.toml"
    path.write_text("\n".join(["[[feed]]", 'url = "https://wire.example/feed"', *lines]))
    (one,) = load_feed_list(path).feeds
    return one


def test_a_login_is_what_the_named_variables_hold_and_shows_nowhere(tmp_path: Path) -> None:
    one = feed(tmp_path, 'auth = {basic = "WIRE_USER:WIRE_PASSWORD"}')
    assert one.authorization is not None
    kind, _, words = one.authorization.partition(" ")
    assert (kind, b64decode(words).decode()) == ("Basic", f"desk:{SECRET}")
    assert one.access.authorization == one.authorization
    assert feed(tmp_path, "[feed.auth]", 'bearer = "WIRE_TOKEN"').authorization == "Bearer t0k.en"
    proxied = feed(tmp_path, 'proxy = "http://proxy.example:3128"', 'proxy_auth = "WIRE_USER:WIRE_PASSWORD"')
    assert proxied.proxy == "http://desk:Tr0ub4dor%263@proxy.example:3128"
    assert feed(tmp_path, 'proxy = "http://10.0.0.1:3128"').proxy == "http://10.0.0.1:3128"
    for shown in (repr(one), repr(proxied), repr(one.access), one.shown, repr(proxied.access)):
        assert SECRET not in shown
        assert words not in shown
        assert "Tr0ub4dor" not in shown


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('auth = {basic = "WIRE_USER:NOT_SET"}', "the environment variable NOT_SET is not set"),
        ('auth = {bearer = "NOT_SET"}', "the environment variable NOT_SET is not set"),
        ('auth = {basic = "COLON:WIRE_PASSWORD"}', "COLON holds a colon"),
        ('auth = {basic = "WIRE_USER:LINES"}', "LINES holds what no login can"),
        ('auth = {bearer = "LINES"}', "LINES holds what no login can"),
        (f'auth = {{basic = "desk:{SECRET}"}}', "names of two environment variables"),
        (f'auth = {{bearer = "{SECRET}"}}', "named by environment variables"),
        ("auth = {}", "exactly one of basic and bearer"),
        ('auth = {basic = "A:B", bearer = "C"}', "exactly one of basic and bearer"),
        ('auth = {basik = "A:B"}', "did you mean 'basic'?"),
        ('auth = "WIRE_TOKEN"', "auth must be a table"),
        (f'proxy = "http://desk:{SECRET}@proxy.example:1"', "name the variables that hold it in proxy_auth"),
        ('proxy = "socks5://proxy.example:1"', "proxy must be http://host:port"),
        ('proxy_auth = "WIRE_USER:WIRE_PASSWORD"', "there is none"),
        ('tls = {ca_file = "none.pem"}', "ca_file: no such file"),
        ('tls = {client_key = "key.pem"}', "client_key is the key of client_cert"),
        ('tls = {insecure = true, ca_file = "ca.pem"}', "leave it or ca_file out"),
        ("interval_s = 60\nslowest_s = 30", "slowest_s is below interval_s"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line_and_without_a_secret(
    tmp_path: Path, line: str, complaint: str
) -> None:
    with pytest.raises(FeedListError) as caught:
        feed(tmp_path, line)
    assert complaint in caught.value.message
    assert caught.value.message.startswith(str(tmp_path / "feeds.toml") + ":")
    assert SECRET not in caught.value.message


def test_a_login_belongs_to_an_address(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text('[[feed]]\nfile = "a.xml"\nauth = {bearer = "WIRE_TOKEN"}\n')
    with pytest.raises(FeedListError, match="auth belongs to a feed with a url"):
        load_feed_list(tmp_path / "feeds.toml")


def test_certificates_are_files_beside_the_list_and_to_accept_any_is_warned_of(tmp_path: Path) -> None:
    for name in ("ca.pem", "own.pem", "key.pem"):
        (tmp_path / name).touch()
    given = 'tls = {ca_file = "ca.pem", client_cert = "own.pem", client_key = "key.pem"}'
    assert feed(tmp_path, given).tls == Tls(tmp_path / "ca.pem", tmp_path / "own.pem", tmp_path / "key.pem")
    with structlog.testing.capture_logs() as logs:
        assert feed(tmp_path, "tls = {insecure = true}").tls == Tls(insecure=True)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("feed.insecure", "warning")]


def test_the_slowest_interval_is_a_day_unless_the_list_says_otherwise(tmp_path: Path) -> None:
    assert feed(tmp_path).slowest_s == 86_400
    assert feed(tmp_path, "slowest_s = 3600").slowest_s == 3_600
