"""TLS as a source wants it."""

from __future__ import annotations

import ssl
from functools import lru_cache

from service.net.access import Tls
from service.net.failures import FailureKind, FetchFailure


@lru_cache(maxsize=256)
def context_of(tls: Tls) -> ssl.SSLContext:
    """The context for sources with these options, made once.

    Raises:
        FetchFailure: TLS, if a file of certificates cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
        if tls.client_cert:
            context.load_cert_chain(tls.client_cert, tls.client_key)
    except OSError as error:  # ssl.SSLError is one
        raise FetchFailure(FailureKind.TLS, f"the feed's own TLS files cannot be used: {error.strerror}") from error
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
