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

from service.cli.show import chain, visible
from service.errors import ClaimwireError, SettingError
from service.model import Article, article_id
from service.settings import Settings
from service.store.embedded import live_url
from service.store.store import Store
from service.stories.matcher import Matcher
from service.stories.story import Story, load_stories, load_story
from workers.claims.compare import Registry
from workers.claims.encode import choose
from workers.claims.extract import Extractor
from workers.claims.model import Decision, Known
from workers.explain import Explained, Passage, explain

VERDICTS = {
    "new": "bold green",
    "same": "cyan",
    "corroborates": "cyan",
    "background": "dim",
    "held": "yellow",
    "ignored": "dim",
}

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
    article = _article(file)
    story = _story(settings, story_name, article)
    choose(settings.encoder)
    url = settings.redis_url or live_url(settings.data_dir / "server")
    registry = asyncio.run(_known(url, story.id)) if url is not None else Registry()
    told = explain(article, story, registry, Extractor())
    against = f"{len(registry.claims)} known claims" if registry.claims else "nothing known before"
    if page is None:
        _print(told, against)
        return
    if not page.parent.is_dir():
        raise ClaimwireError(f"{page}: there is no folder {page.parent}", "Make the folder, or name another.")
    page.write_text(as_page(told, against), "utf-8")
    sys.stderr.write(f"{page} is written; open it in a browser\n")


def as_page(told: Explained, against: str) -> str:
    """A page that needs nothing beside itself. The article's text is hostile: escaped, and no script runs."""
    title = html.escape(f"{told.article.uri}, read for “{told.story.title}”")
    body = "".join(_html(passage, told) for passage in told.passages)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
        f"<p class=note>compared with {html.escape(against)}</p>{body}</html>\n"
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
    for passage in told.passages:
        console.print()
        console.print(Text(visible(" ".join(passage.text.split())), "bold" if passage.decisions else "dim"))
        for decision in passage.decisions:
            heading = Text.assemble((decision.verdict.upper(), VERDICTS[decision.verdict]), "  ", decision.clause.text)
            console.print(Padding(heading, (0, 0, 0, 3)))
            for line in _lines(decision, told):
                console.print(Padding(Text(visible(line), "dim"), (0, 0, 0, 6)))


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
        raise ClaimwireError(f"{file}: cannot be read: {error}", "Give a text file in UTF-8.") from error
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


async def _known(url: str, story: str) -> Registry:
    registry = Registry()
    store = await Store.open(url, wait_s=5)
    try:
        for record in (await store.claims(story)).values():
            registry.upsert(Known.model_validate_json(record))
    finally:
        await store.close()
    return registry
