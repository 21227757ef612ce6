"""A real server, a real store, and the application on a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from service.contract.data import (
    Appearance,
    Claim,
    ClaimData,
    Document,
    Evidence,
    Frame,
    Hop,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
    Why,
)
from service.contract.envelope import event
from service.model import Article, Commit, EntryResult, Event, Outcome, WireWrite
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from service.store.values import FeedState
from service.stories.story import Story, load_story
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.state import ServiceState
from service.web.tokens import Tokens, new_token
from tests.web.board_planting import Planting
from workers.claims.model import Known

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
STORY = "lighthouse-sale"
TEXT = "Skerry sold its lighthouse, the mayor’s office said."


@pytest.fixture
def story() -> Story:
    return load_story(Path(__file__).parents[1] / "stories" / "lighthouse.toml")


@pytest.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServer]:
    async with EmbeddedServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
async def store(server: EmbeddedServer) -> AsyncIterator[Store]:
    opened = await Store.open(server.url, wait_s=10)
    yield opened
    await opened.close()


@pytest.fixture
def state(store: Store, story: Story) -> ServiceState:
    return ServiceState(store, {story.id: story}, ("coast", "town"), backlog_cap=3, started=True)


@pytest.fixture
async def url(state: ServiceState) -> AsyncIterator[str]:
    async with serving(make_app(state), "127.0.0.1", 0) as address:
        yield address


@pytest.fixture
async def http(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url) as session:
        yield session


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, str]:
    """A reader's and a writer's token; the file has their hashes."""
    made = {scope: new_token(f"a {scope}r", scope) for scope in ("read", "write")}
    (tmp_path / "tokens.toml").write_text("\n".join(table for _, table in made.values()), "utf-8")
    return {scope: secret for scope, (secret, _) in made.items()}


@pytest.fixture
def tokens(tmp_path: Path, secrets: dict[str, str]) -> Tokens:
    return Tokens(tmp_path / "tokens.toml")


@pytest.fixture
async def address(state: ServiceState, store: Store, tokens: Tokens) -> AsyncIterator[str]:
    """Of a service where everybody may read, and a token is needed to ask for webhooks."""
    access = Access(tokens, reads_need_token=False, rates=Rates(0, 1))
    async with serving(make_app(state, None, access, webhooks=store), "127.0.0.1", 0) as served:
        yield served


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def password(secret: str) -> dict[str, str]:
    """What a browser sends once somebody gave it a token as the password."""
    return {"Authorization": aiohttp.encode_basic_auth("anybody", secret)}


def article(number: int) -> Article:
    return Article(
        id=f"a1-{number:016x}",
        source="Nordnytt",
        uri=f"https://nordnytt.example/{number}",
        headline="Skerry sells",
        text=TEXT,
        language="en",
        published=None,
        first_seen=NOON,
    )


def known(number: int) -> Known:
    document = Document(uri=article(number).uri, publisher="Nordnytt", first_seen=NOON)
    exact = "Skerry sold its lighthouse"
    return Known(
        claim=Claim(
            id=f"c1-{number:016x}", text=f"{exact} <b>({number})</b>.", about=STORY, frame=Frame(actor="Skerry")
        ),
        appearance_document=document,
        evidence=(
            Evidence(
                source=document.uri,
                selector=(TextQuoteSelector(exact=exact), TextPositionSelector(start=0, end=len(exact))),
            ),
        ),
        attribution=(Hop(kind="unnamed", descriptor="the mayor’s office", named=False, relation="wasAttributedTo"),),
        support=Support(),
        why=Why(rule="nothing near"),
        kind="claim",
        vectors=("AAAA",),
        frames=(Frame(actor="Skerry"),),
    )


class Planted:
    """Puts articles, claims and looks into the store by the store's own calls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def admit(self, number: int) -> None:
        assert await self._store.admit(STORY, article(number), f"poll-{number}", 60) is EntryResult.ADMITTED

    async def commit(self, number: int, *numbers: int) -> None:
        """Ends the path of article `number`; claims of the given numbers are announced."""
        head = await self._store.head(STORY)
        claims = [known(of) for of in numbers]
        plain = Commit(
            story=STORY,
            number=number,
            entry_id=f"{number}-0",
            token=head.state.token,
            article_id=article(number).id,
            uri=article(number).uri,
            outcome=Outcome.ANNOUNCED if claims else Outcome.COPY,
            wire_story=None,
            counts={"claims:new": len(claims)} if claims else {"copies": 1},
            wire=WireWrite((number, 100 + number), f"w1-{number:016x}", b"record", 741_006, "scheme"),
        )
        sequence = head.state.sequence
        events = tuple(announced(item, number, sequence + place) for place, item in enumerate(claims, 1))
        records = {item.claim.id: item.model_dump_json() for item in claims}
        assert await self._store.commit(replace(plain, events=events, claims=records))

    async def look(self, feed: str, state: FeedState, results: dict[EntryResult, int]) -> None:
        """Closes the first look at a feed."""
        assert await self._store.close_poll(feed, 0, state, results, f"look-{feed}")


def announced(item: Known, number: int, sequence: int) -> Event:
    body = ClaimData(
        claim=item.claim,
        appearance=Appearance(document=item.appearance_document, evidence=item.evidence),
        attribution=item.attribution,
        support=item.support,
        why=item.why,
    )
    cause = f"{article(number).id}:1"
    return event(STORY, "claimwire.claim.new.v1", body, cause, item.claim.id, NOON, sequence, None, True)


@pytest.fixture
def planting(store: Store) -> Planting:
    return Planting(store)


@pytest.fixture
def planted(store: Store) -> Planted:
    return Planted(store)
