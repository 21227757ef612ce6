"""`claimwire settings`: the table of settings, from the code that reads them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Column, Table

from service.settings import Settings


def rows() -> Iterator[tuple[str, str, str]]:
    """Variable, default, meaning of every setting."""
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias) if field.validation_alias else f"CLAIMWIRE_{name.upper()}"
        default = "" if field.default is None else str(field.default)
        yield variable, default, field.description or ""


def print_settings(markdown: bool) -> None:
    """For people, or as the README's table."""
    console = Console(highlight=False, soft_wrap=markdown)
    if markdown:
        console.print(as_markdown(), markup=False)
        return
    table = Table("variable", "default", Column("meaning", overflow="fold"))
    for row in rows():
        table.add_row(*row)
    console.print(table)


def as_markdown() -> str:
    """The README's table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{variable}` | {f'`{default}`' if default else '–'} | {text} |" for variable, default, text in rows()]
    return "\n".join(lines)
