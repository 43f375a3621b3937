"""The refusals a service may raise; the web layer and the API turn each into one status code.

Texts are msgids with named placeholders; they are translated where they are shown.
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A request that cannot be done, said in the user's words. Nothing was changed.

    ``message`` is a msgid, ``values`` fill its ``%(name)s`` places.
    """

    status = 400

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class Invalid(Refusal):
    """Input that breaks a rule: 422 with the field each message belongs to."""

    status = 422

    def __init__(self, errors: dict[str, list[str]], message: str = "Check the marked fields.", **values: Any) -> None:
        super().__init__(message, **values)
        self.errors = errors


class NotSignedIn(Refusal):
    """Nobody is signed in: the sign-in page, or 401 in the API."""

    status = 401


class Forbidden(Refusal):
    """The person may know of the record but not do this: 403."""

    status = 403


class NotFound(Refusal):
    """No such record, or one this person must not know of: 404 (SEC-3)."""

    status = 404


class Conflict(Refusal):
    """Somebody was first: 409 with who and what (SEC-48, SEC-49)."""

    status = 409


class TooMany(Refusal):
    """Too many tries: 429 with ``retry_after`` seconds (SEC-15)."""

    status = 429

    def __init__(self, message: str, /, retry_after: int, **values: Any) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after
