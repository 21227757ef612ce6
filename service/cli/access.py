"""Who may ask a service what, as its settings have it."""

from __future__ import annotations

from service.errors import SettingError
from service.settings import Settings
from service.web.access import Access, Rates
from service.web.tokens import Tokens


def access_of(settings: Settings) -> Access:
    """Who may ask the service what.

    Raises:
        SettingError: the tokens cannot be used.
    """
    tokens = None if settings.tokens is None else Tokens(settings.tokens)
    if tokens is not None:
        tokens.all()
    elif settings.reads_need_token:
        raise SettingError(
            "reading needs a token, and there are none", "Name a file of tokens: CLAIMWIRE_TOKENS=tokens.toml."
        )
    rates = Rates(settings.rate_per_s, settings.rate_burst)
    return Access(tokens, settings.reads_need_token, rates, settings.forwarded, settings.follows)
