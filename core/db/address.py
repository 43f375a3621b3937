"""Addresses of databases as they may be shown."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_SECRET = ("password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret")
"""What libpq takes in the query of an address and nobody else is to read."""


class UnreadableAddress(ValueError):
    """What is no address of a database; it is not repeated, for it may hold a password."""


def without_secrets(url: str) -> str:
    """An address for a person or a log.

    :raises UnreadableAddress: for a text that is none.
    """
    try:
        return make_url(url).difference_update_query(_SECRET).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        # Without the cause: a port that is no number may be the end of a password.
        raise UnreadableAddress("this is no address of a database: postgresql://user@host/name") from None
