"""Templates and files of the board, and the headers under which a browser may show them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from importlib.resources import files
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from service.web.board import wording
from service.web.board.passages import plain

SHEET = files("service.web.board").joinpath("static", "board.css").read_text("utf-8")
"""stands in every page, so that the first paint waits for no second answer"""
_SHEET_HASH = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{_SHEET_HASH}'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing inline but our sheet, nothing from elsewhere: what a feed's text would run if it got past the templates is
refused."""
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_YEAR_S = 365 * 86_400
THE_REST = Markup("<!-- the rest -->")
"""where a template puts it, what stands before is sent and may be painted while the rest is made"""


def say(text: str, language: str | None = None) -> Markup:
    """What a feed, or a person, wrote. Its direction of writing ends where it ends.

    Args:
        language: as BCP 47 has it, where it may be another than the page's.
    """
    lang = f' lang="{escape(language)}"' if language else ""
    return Markup(f"<bdi{lang}>{escape(text)}</bdi>")  # noqa: S704  # escaped; a third of the time of Markup.format


def at(value: datetime) -> Markup:
    """A moment."""
    return Markup(f'<time datetime="{value.isoformat()}">{wording.clock(value)}</time>')  # noqa: S704  # no text of others


class Rendering:
    """The templates, compiled once, and the static files, read once."""

    def __init__(self) -> None:
        self._static = {
            file.name: file.read_bytes()
            for file in sorted(files("service.web.board").joinpath("static").iterdir(), key=lambda file: file.name)
            if file.name.rpartition(".")[2] in _TYPES
        }
        self._versions = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self._static.items()}
        self._environment = Environment(
            loader=PackageLoader("service.web.board"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "ago": wording.ago,
            "day": wording.day,
            "published": wording.published,
            "outlink": wording.outlink,
            "place": wording.place,
            "plain": plain,
        }
        self._environment.globals |= {"static": self._static_url, "say": say, "at": at}
        self._environment.globals["the_rest"] = THE_REST
        self._environment.globals["sheet"] = Markup(SHEET)  # noqa: S704  # ours

    def html(self, template: str, **values: Any) -> bytes:
        """What a template makes of the values."""
        return _bytes(self._environment.get_template(template).generate(**values))

    def answer(self, body: bytes, status: int = 200) -> web.Response:
        """HTML under the policy."""
        headers = {"Content-Security-Policy": POLICY}
        return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=headers)

    def page(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """Both in one."""
        return self.answer(self.html(template, **values), status)

    def parts(self, template: str, **values: Any) -> Iterator[bytes]:
        """As `html`, in the parts that the template has."""
        part: list[str] = []
        for piece in self._environment.get_template(template).generate(**values):
            part.append(piece)
            if piece == THE_REST:
                yield _bytes(part)
                part.clear()
        yield _bytes(part)

    async def stream(self, request: web.Request, parts: Iterator[bytes], made: list[bytes]) -> web.StreamResponse:
        """As `answer`, each part sent when it is made; all of them are put to what was made, whoever still listens."""
        answer = web.StreamResponse(headers={"Content-Security-Policy": POLICY})
        answer.content_type, answer.charset = "text/html", "utf-8"
        with suppress(ConnectionError):  # who asked has gone
            for part in parts:
                made.append(part)
                await answer.prepare(request)  # once is enough
                await answer.write(part)
            await answer.write_eof()
        made.extend(parts)
        return answer

    def static(self, name: str, version: str) -> web.Response:
        """A static file: for a year under the address that has its version, never kept otherwise.

        Raises:
            HTTPNotFound: there is none of this name.
        """
        if name not in self._static:
            raise web.HTTPNotFound(text="there is no such file")
        lasting = version == self._versions[name]
        headers = {"Cache-Control": f"public, max-age={_YEAR_S}, immutable" if lasting else "no-cache"}
        kind = _TYPES[name.rpartition(".")[2]]
        return web.Response(body=self._static[name], content_type=kind, charset="utf-8", headers=headers)

    def _static_url(self, name: str) -> str:
        return f"/static/{name}?v={self._versions[name]}"

    @property
    def files(self) -> Mapping[str, bytes]:
        """The static files by name."""
        return self._static


def _bytes(parts: Iterable[str]) -> bytes:
    # A surrogate on its own, which a feed's text may hold, is no UTF-8.
    return "".join(parts).encode("utf-8", "replace")
