"""`explain`: an article's sentences with the claims found in them, who says them, and why each decision fell."""

from __future__ import annotations

import asyncio
import html
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from service.cli.output import check_output, write_output
from service.cli.show import chain, visible
from service.errors import ClaimwireError, SettingError
from service.model import Article, article_id
from service.settings import Settings
from service.store.embedded import live_url
from service.store.store import Store
from service.stories.matcher import Matcher
from service.stories.story import Story, load_stories, load_story
from workers.claims.compare import Registry
from workers.claims.extract import Extractor
from workers.claims.memory.encode import choose
from workers.claims.model import Decision, Known
from workers.desk.following import Following
from workers.explain import Explained, Passage, explain
from workers.wire.match import Candidate, WireStory, enough_votes, most_votes
from workers.wire.sketch import sketch

VERDICTS = {
    "new": "bold green",
    "same": "cyan",
    "corroborates": "cyan",
    "background": "dim",
    "held": "yellow",
    "ignored": "dim",
}

EXCERPT = 60
"""code points of a passage that are shown"""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h1 { font-size: 1.2rem; } p.note { color: #666; }
.text { white-space: pre-wrap; border-left: 4px solid #ddd; padding-left: .8rem; margin: .6rem 0; }
.text.has { border-color: #d7a500; background: #fff8e0; }
.clause { margin: .2rem 0 .6rem 1.6rem; padding: .3rem .8rem; border-left: 3px solid #bbb; font-size: .92rem; }
.clause.new { border-color: #17803d; } .clause.same, .clause.corroborates { border-color: #0b7285; }
.clause b { display: block; } .clause span { color: #555; display: block; }
.verdict { font-variant: small-caps; letter-spacing: .03em; }
"""


def run_explain(settings: Settings, file: Path, story_name: str | None, page: Path | None) -> None:
    """Prints the explanation, or writes it as a page.

    Raises:
        ClaimwireError: the article, the story or the page's folder cannot be used.
    """
    if page is not None:
        check_output(page)
    article = _article(file)
    story = _story(settings, story_name, article)
    choose(settings.encoder)
    url = settings.redis_url or live_url(settings.data_dir / "server")
    registry, candidates = asyncio.run(_known(url, story.id, article)) if url is not None else (Registry(), ())
    told = explain(article, story, registry, Extractor(), candidates)
    against = f"{len(registry.claims)} known claims" if registry.claims else "nothing known before"
    if page is None:
        _print(told, against)
        return
    write_output(page, as_page(told, against).encode("utf-8", "replace"))
    sys.stderr.write(f"{page} is written; open it in a browser\n")


def as_page(told: Explained, against: str) -> str:
    """A page that needs nothing beside itself. The article's text is hostile: escaped, and no script runs."""
    title = html.escape(f"{told.article.uri}, read for “{told.story.title}”")
    wire = "".join(f"<p class=note>{html.escape(line)}</p>" for line in wire_lines(told))
    body = "".join(_html(passage, told) for passage in told.passages)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
        f"<p class=note>compared with {html.escape(against)}</p>{wire}{body}</html>\n"
    )


def _html(passage: Passage, told: Explained) -> str:
    mark = "text has" if passage.decisions else "text"
    clauses = "".join(
        f'<div class="clause {decision.verdict}"><b>{html.escape(decision.clause.text)}</b>'
        + "".join(f"<span>{html.escape(line)}</span>" for line in _lines(decision, told))
        + "</div>"
        for decision in passage.decisions
    )
    return f'<div class="{mark}">{html.escape(passage.text.strip())}</div>{clauses}'


def _print(told: Explained, against: str) -> None:
    console = Console(highlight=False)
    console.print(f"{told.article.uri}, read for “{told.story.title}”; compared with {against}", markup=False)
    for line in wire_lines(told):
        console.print(Text(visible(line), "dim"))
    for passage in told.passages:
        console.print()
        console.print(Text(visible(" ".join(passage.text.split())), "bold" if passage.decisions else "dim"))
        for decision in passage.decisions:
            heading = Text.assemble(
                (decision.verdict.upper(), VERDICTS[decision.verdict]), "  ", visible(decision.clause.text)
            )
            console.print(Padding(heading, (0, 0, 0, 3)))
            for line in _lines(decision, told):
                console.print(Padding(Text(visible(line), "dim"), (0, 0, 0, 6)))


def wire_lines(told: Explained) -> Iterator[str]:
    """What the text is as wire copy, and why: the decision, the places that it shares, what it brings."""
    found, wire, text = told.match, told.wire_story, told.article.text
    kind = found.kind if found.copy_kind is None else f"{found.kind}, {found.copy_kind}"
    of = "" if wire is None else f" of {wire.id}, {wire.members[0].uri}"
    yield f"as wire copy: {kind}{of}: {found.detail}"
    if found.spans:
        yield "shared: " + "; ".join(f"{start}–{end} {_excerpt(text[start:end])}" for start, end in found.spans)
    if told.brought is not None:
        for start, end in told.brought.additions:
            yield f"new: {start}–{end} {_excerpt(text[start:end])}"
        for change in told.brought.corrections:
            yield f"changed: {change.start}–{change.end} “{change.new}”, which was “{change.old}”"


def _excerpt(words: str) -> str:
    shown = " ".join(words.split())
    return f"“{shown}”" if len(shown) <= EXCERPT else f"“{shown[: EXCERPT // 2]} … {shown[-EXCERPT // 2 :]}”"


def _lines(decision: Decision, told: Explained) -> Iterator[str]:
    clause, why = decision.clause, decision.why
    frame = clause.frame
    marks = [clause.kind, clause.polarity, clause.modality, *(["presupposed"] if clause.presupposed else [])]
    yield f"{decision.verdict}: {', '.join(marks)}"
    yield f"frame: {frame.actor or '–'} | {frame.action or '–'} | {frame.target or '–'}"
    if clause.attribution:
        yield f"says: {chain([hop.model_dump() for hop in clause.attribution])}"
    if clause.when is not None:
        days = [
            moment.date().isoformat() for moment in (clause.when.earliest, clause.when.latest) if moment is not None
        ]
        yield f"when: {clause.when.text} ({' to '.join(days) or 'unresolved'}, {clause.when.basis.replace('_', ' ')})"
    if clause.quantities:
        yield f"figures: {', '.join(figure.text for figure in clause.quantities)}"
    nearest = f"; nearest: {told.known.get(why.nearest, why.nearest)} ({why.score})" if why.nearest else ""
    yield f"why: {why.rule}: {why.detail}{nearest}"
    for link in decision.links:
        yield f"{link.rel}: {told.known.get(link.target, link.target)} ({link.why})"


def _article(file: Path) -> Article:
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise ClaimwireError(f"{file}: cannot be read: {words}", "Give a text file in UTF-8.") from error
    return Article(
        id=article_id(file.stem, file.name),
        source=file.stem,
        uri=f"text:{file.name}",
        headline="",
        text=text,
        language=None,
        published=None,
        first_seen=datetime.now(UTC),
    )


def _story(settings: Settings, name: str | None, article: Article) -> Story:
    if name is not None and Path(name).is_file():
        return load_story(Path(name))
    stories = load_stories(settings.stories)
    if name is not None:
        if name not in stories:
            raise SettingError(
                f"there is no story {name!r}", f"Known are: {', '.join(sorted(stories))}; or give a file."
            )
        return stories[name]
    concerned = [story for story in stories.values() if Matcher(story).concerns(article.headline, article.text)]
    if not concerned:
        raise ClaimwireError(
            f"{article.uri} concerns none of the stories {', '.join(sorted(stories))}",
            "It names no actor of one of their focus groups. To read it all the same, give --story.",
        )
    return concerned[0]


async def _known(url: str, story: str, article: Article) -> tuple[Registry, tuple[Candidate, ...]]:
    """What the story knows: its claims, and the wire stories that share the article's fingerprints by its own clock."""
    registry, asked = Registry(), sketch(article.text)
    store = await Store.open(url, wait_s=5)
    try:
        for record in (await store.claims(story)).values():
            if record:  # an empty one is of a claim that was held and dropped
                registry.upsert(Known.model_validate_json(record))
        seen = [known.appearance_document.first_seen for known in registry.claims.values()]
        day = max(seen, default=article.first_seen).toordinal()
        following = Following(store, story)
        await following.catch_up(day)
        best = most_votes(following.votes(asked.packed, day, enough_votes(asked)))
        records = await store.wire_records(story, best, asked.scheme)
    finally:
        await store.close()
    wire = {wire_id: WireStory.from_bytes(record) for wire_id, record in records.items()}
    return registry, tuple(Candidate(wire[wire_id], count) for wire_id, count in best.items() if wire_id in wire)
