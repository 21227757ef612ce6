"""`webhooks.toml`: what is wrong is said with its line, and no secret is ever repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.subscribers.target import SECRET
from workers.subscribers.webhook_file import WebhookFileError, load_webhooks

STORIES = ["harbour", "lighthouse-sale"]
ENVIRONMENT = {"SECRET": SECRET, "CHAT_URL": "https://chat.example/T/B/x", "SHORT": "whsec_c2hvcnQ=", "ODD": "whsec_!"}
GOOD = '[[webhook]]\nname = "desk"\nurl = "https://desk.example/in"\nsecret_env = "SECRET"\n'


def load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "webhooks.toml"
    file.write_text(text, "utf-8")
    return load_webhooks(file, STORIES, ENVIRONMENT)


def test_what_a_file_says(tmp_path: Path) -> None:
    text = f"""board = "https://claims.example/"
{GOOD}stories = ["harbour"]
types = ["claim.new", "claimwire.claim.disputed.v1"]
least = {{origins = 2}}
after = "beginning"

[[webhook]]
name = "chat"
url_env = "CHAT_URL"
format = "slack"
"""
    file = tmp_path / "webhooks.toml"
    file.write_text(text, "utf-8")
    loaded = load_webhooks(file, STORIES, ENVIRONMENT)
    desk, chat = loaded.webhooks.values()
    assert (desk.name, desk.stories, desk.after, desk.board) == (
        "desk",
        ("harbour",),
        "beginning",
        "https://claims.example",
    )
    assert desk.choice.types == {"claimwire.claim.new.v1", "claimwire.claim.disputed.v1"}
    assert desk.choice.least == {"origins": 2}
    assert (chat.url, chat.keys, chat.stories, chat.after) == (ENVIRONMENT["CHAT_URL"], (), tuple(STORIES), "now")
    assert "chat.example" not in repr(chat)
    assert "desk.example" not in repr(desk)
    assert str(desk.keys[0]) not in repr(desk)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[[webhook]\n", 1, "Expected"),
        (GOOD + 'tpyes = ["claim.new"]\n', 5, "unknown key 'tpyes'; did you mean 'types'?"),
        (GOOD + 'types = ["claim.newer"]\n', 5, "there is no event type 'claim.newer'"),
        (GOOD + "least = {copies = 1}\n", 5, "copies: Input should be"),
        (GOOD + 'stories = ["nowhere"]\n', 1, "there is no story 'nowhere'"),
        (GOOD + 'url_env = "CHAT_URL"\n', 1, "give one of url and url_env"),
        (GOOD.replace('"desk"', '"The Desk"'), 2, "name: String should match"),
        (GOOD.replace("SECRET", "NOWHERE"), 1, "the environment variable NOWHERE is not set"),
        (GOOD.replace("SECRET", "SHORT"), 1, "it stands for 5 bytes"),
        (GOOD.replace("SECRET", "ODD"), 1, "it is not base64"),
        (GOOD.replace("https:", "ftp:"), 1, "not a usable http(s) URL"),
        (GOOD.replace('secret_env = "SECRET"\n', ""), 1, "secret_env is missing"),
        (GOOD + GOOD, 5, "a second webhook of the name 'desk'"),
        (GOOD + "starts = 0\n", 5, "starts"),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, str) else None,
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(WebhookFileError) as refused:
        load(tmp_path, text)
    assert f"webhooks.toml:{line}: " in refused.value.message
    assert words in refused.value.message
    assert not any(secret in refused.value.message for secret in ENVIRONMENT.values())


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WebhookFileError, match="cannot be read"):
        load_webhooks(tmp_path / "nowhere.toml", STORIES, ENVIRONMENT)
