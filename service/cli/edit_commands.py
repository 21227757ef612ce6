"""The commands of persons: `claimwire edit`, `takedown`, `tokens`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from service.cli.groups import Stories

edit = typer.Typer(
    no_args_is_help=True,
    help="What a person decides about claims: each edit is an event, has a reason, and can be undone.",
)

tokens = typer.Typer(no_args_is_help=True, help="API tokens: who may read and who may write over HTTP.")

Claim = Annotated[str, typer.Argument(metavar="CLAIM", help="Id of the claim: c1- and 16 hex digits.")]
Reason = Annotated[str, typer.Option("--reason", help="Why. Subscribers read it.")]
By = Annotated[str | None, typer.Option("--by", help="Who decided it.", show_default="the name you are logged in by")]
Story = Annotated[str | None, typer.Option("--story", help="Id of the story.", show_default="the one that has it")]


def _make(story: str | None, by: str | None, stories: Path | None, **fields: Any) -> None:
    from service.cli.edits import make_edit
    from service.settings import load_settings

    make_edit(load_settings(stories=stories), story, fields, by)


@edit.command("merge")
def merge(
    claim: Claim,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The claim that both are from now on.")],
    reason: Reason,
    by: By = None,
    story: Story = None,
    stories: Stories = None,
) -> None:
    """Says that two claims are one and the same. What repeats either corroborates INTO."""
    _make(story, by, stories, action="merge", claim=claim, into=into, reason=reason)


@edit.command("split")
def split(
    claim: Claim,
    documents: Annotated[list[str], typer.Argument(metavar="URI…", help="Documents in which it is another claim.")],
    reason: Reason,
    by: By = None,
    story: Story = None,
    stories: Stories = None,
) -> None:
    """Says that what these documents say is a claim of its own, and not CLAIM."""
    _make(story, by, stories, action="split", claim=claim, documents=tuple(documents), reason=reason)


@edit.command("retract")
def retract(claim: Claim, reason: Reason, by: By = None, story: Story = None, stories: Stories = None) -> None:
    """Takes a claim back that we should not have announced. Nothing is compared with it any more."""
    _make(story, by, stories, action="retract", claim=claim, reason=reason)


@edit.command("background")
def background(claim: Claim, reason: Reason, by: By = None, story: Story = None, stories: Stories = None) -> None:
    """Says that a claim is of long ago: it stays known, and is no news."""
    _make(story, by, stories, action="background", claim=claim, reason=reason)


@edit.command("undo")
def undo(
    undoes: Annotated[str, typer.Argument(metavar="EDIT", help="Id of the edit: e1- and 16 hex digits.")],
    reason: Reason,
    by: By = None,
    story: Story = None,
    stories: Stories = None,
) -> None:
    """Takes an edit back. The last edit of a claim is undone first."""
    _make(story, by, stories, action="undo", undoes=undoes, reason=reason)


def takedown(
    uri: Annotated[str, typer.Argument(metavar="URI", help="Address of the document, as in the events.")],
    reason: Reason,
    by: By = None,
    story: Annotated[str | None, typer.Option("--story", help="Id of the story.", show_default="all")] = None,
    ahead: Annotated[bool, typer.Option("--ahead", help="Bar an address under which nothing is known yet.")] = False,
    lift: Annotated[
        bool, typer.Option("--lift", help="Let what was taken down be taken in again, when its feed brings it anew.")
    ] = False,
    stories: Stories = None,
) -> None:
    """Removes a document's words from everywhere we keep them; it does not come back, in a replay neither.

    Claims that nobody else makes go with it, and the events that told of them; the others are left in the words of
    those who make them too. Subscribers hear `document.withdrawn`. What went does not come back; --lift lets the
    address in again.
    """
    from service.cli import takedown
    from service.settings import load_settings

    if lift:
        takedown.lift(load_settings(stories=stories), uri, story, reason, by)
        return
    takedown.take_down(load_settings(stories=stories), uri, story, reason, by, ahead=ahead)


@edit.command("list")
def list_(
    story: Annotated[str | None, typer.Option("--story", help="Id of the story.", show_default="all")] = None,
    json_: Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")] = False,
    stories: Stories = None,
) -> None:
    """Every edit: what, by whom, why, and whether it was applied."""
    from service.cli.edits import list_edits
    from service.settings import load_settings

    list_edits(load_settings(stories=stories), story, as_json=json_)


@tokens.command("new")
def tokens_new(
    name: Annotated[str, typer.Argument(help="Whose it is. Stands in the audit of what was done with it.")],
    scope: Annotated[Literal["read", "write"], typer.Option(help="write: may read too.")] = "read",
) -> None:
    """Makes a token. It is shown once; the table goes into the file that CLAIMWIRE_TOKENS names."""
    from service.web.tokens import new_token

    secret, table = new_token(name, scope)
    sys.stderr.write(f"The token, which nobody can show you again: {secret}\nFor the file of tokens:\n\n")
    sys.stdout.write(table)
