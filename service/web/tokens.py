"""API tokens: who may read, who may write. Only their hashes are kept, in a file that an operator edits.

A token is 32 random bytes, so a plain SHA-256 of it is as good as any slow hash: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from service.contract.complaint import first_complaint
from service.errors import SettingError

Scope = Literal["read", "write"]
PREFIX = "cw_"
"""so that scanners of leaked secrets know one when they see it"""


class Token(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    """whose it is: stands in the audit of what was done with it"""
    scope: Scope
    """write: may read too"""
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: Annotated[tuple[Token, ...], Field(max_length=1000)] = ()


@dataclass(slots=True)
class Tokens:
    """The tokens of a file, read again when it changed."""

    path: Path
    _read: tuple[Token, ...] = ()
    _stamp: tuple[int, int] | None = None

    def of(self, secret: str) -> Token | None:
        """The token that this is. All are compared, in a time that tells nothing.

        Raises:
            SettingError: the file cannot be used.
        """
        asked = digest(secret)
        found = [token for token in self.all() if hmac.compare_digest(token.sha256, asked)]
        return found[0] if found else None

    def all(self) -> tuple[Token, ...]:
        """Every token.

        Raises:
            SettingError: the file cannot be used.
        """
        try:
            now = self.path.stat()
            stamp = (now.st_mtime_ns, now.st_size)
            if stamp != self._stamp:
                self._read, self._stamp = _File.model_validate(tomllib.loads(self.path.read_text("utf-8"))).token, stamp
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
            why = first_complaint(error) if isinstance(error, ValidationError) else error
            raise SettingError(
                f"{self.path}: the tokens cannot be used: {why}",
                "`claimwire tokens new NAME --scope write` prints a table for it.",
            ) from error
        return self._read


def digest(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_token(name: str, scope: Scope) -> tuple[str, str]:
    """A token, and the table for the file.

    Raises:
        SettingError: not a name.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        token = Token(name=name, scope=scope, sha256=digest(secret))
    except ValidationError as error:
        raise SettingError(f"{name!r} is no name for a token: {first_complaint(error)}") from error
    quoted = json.dumps(token.name, ensure_ascii=False).replace("\x7f", "\\u007f")  # what TOML escapes, and JSON not
    return secret, f'[[token]]\nname = {quoted}\nscope = "{scope}"\nsha256 = "{token.sha256}"\n'
