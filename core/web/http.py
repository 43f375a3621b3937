"""The request as views see it, and the few answers they give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response

from core.access.policy import NOBODY, Access
from core.db.base import MAX_ID
from core.errors import Refusal
from core.web.i18n import T, Translator
from core.web.routing import FORM_LIMIT, Route
from core.web.shell import Reader

if TYPE_CHECKING:
    from core.access.identity import Identity
    from core.db.engine import WorkSession
    from core.web.app import Application

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_LONGEST_NUMBER = len(str(MAX_ID))


class Request(WerkzeugRequest):
    """One request: the person, the session, and the words of his language.

    ``session`` opens by itself at first use, for reading on GET and HEAD, for writing otherwise (:meth:`only_read`);
    the application commits it after the view has returned.
    """

    max_content_length = FORM_LIMIT
    max_form_memory_size = FORM_LIMIT
    max_form_parts = 1000

    app: Application
    route: Route
    access: Access = NOBODY
    identity: Identity | None = None
    _session: WorkSession | None = None

    @property
    def session(self) -> WorkSession:
        """The database session of this request."""
        if self._session is None:
            self._session = self.app.database.session(self.access, write=self.writes)
        return self._session

    def only_read(self) -> None:
        """Open ``session`` for reading although a form was sent; what is to be noted gets a transaction of its own."""
        self._session = self.app.database.session(self.access)

    def release(self) -> None:
        """Give the connection of a reading session back for a while: a request holds one at a time (SEC-54)."""
        if self._session is not None and not self._session.writable:
            self._session.commit()

    def take_up(self, access: Access) -> None:
        """From now on this person asks, also through the session that is open already."""
        self.access = access
        if self._session is not None:
            self._session.access = access

    @property
    def writes(self) -> bool:
        """Whether this request may change anything (SEC-24)."""
        return self.method not in ("GET", "HEAD", "OPTIONS")

    @property
    def secured(self) -> bool:
        """Whether the person came over TLS: the configuration says so, this server or a trusted proxy (SEC-20)."""
        return self.app.config.secure or self.is_secure

    @property
    def fragment(self) -> bool:
        """Whether the page asks for a piece of itself rather than for a whole page."""
        return self.headers.get("HX-Request") == "true" or self.headers.get("X-Fragment") == "1"

    @cached_property
    def reader(self) -> Reader:
        """What the frame of a page says of who asks; ``reader.gather`` reads for the page and the frame in one go."""
        return Reader(self)

    @cached_property
    def translate(self) -> Translator:
        """The words of the person's language; a stranger's comes from his browser."""
        language = self.access.language if self.access.user_id else self.app.language_of(self)
        return self.app.translators[language]

    # Werkzeug's own ``url`` is the address that was asked for; views only ever make addresses of ours.
    def url(self, endpoint: str, **arguments: Any) -> str:  # type: ignore[override]
        """The address of an endpoint, within this installation."""
        return self.app.url(endpoint, **arguments)

    def open_url(self, endpoint: str, **arguments: Any) -> str:
        """The address of a page that is there and open to the person; else empty, so that no link leads to a refusal."""
        return self.url(endpoint, **arguments) if self.app.router.open_to(self.access, endpoint) else ""

    def json(self) -> Any:
        """The request's JSON body; anything malformed is the caller's mistake (SEC-30).

        :raises BadRequest: on what is no JSON, too deep, or holds lone surrogates.
        """
        try:
            return msgspec.json.decode(self.get_data())
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise BadRequest(str(error)) from error

    def render(self, template: str, /, status: int = 200, **context: Any) -> Response:
        """A page or a fragment made from a template."""
        return html(self.app.pages.render(self, template, context), status)


def html(text: str, status: int = 200) -> Response:
    """An HTML answer."""
    return Response(text, status, content_type="text/html; charset=utf-8")


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(data), status, headers=headers, content_type="application/json")


def redirect(location: str) -> Response:
    """Send the browser on to an own path with GET, as after every saved form."""
    return Response(status=303, headers={"Location": location})


def own_path(target: str, default: str = "/") -> str:
    """The target if it is a path of this installation, else the default (SEC-27).

    Browsers drop control characters and read a backslash as a slash; so does this check.
    """
    cleaned = _CONTROL.sub("", target).replace("\\", "/").strip()
    return cleaned if cleaned.startswith("/") and not cleaned.startswith("//") else default


def came_from(request: Request) -> str:
    """The page of this installation that a form was sent from; the start page when nobody says.

    A form that was refused once stands at the address it was sent to, where there may be no page to go to.
    """
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:  # such as half an IPv6 address
        return "/"
    if page.netloc != request.host or not request.app.router.is_page(page.path):
        return "/"
    return own_path(f"{page.path}?{page.query}" if page.query else page.path)


def checked_text(text: str) -> bool:
    """Whether a submitted text can be stored anywhere (SEC-30).

    No NUL or other control character but tabs and line ends, no half of a surrogate pair.
    """
    return _UNSTORABLE.search(text) is None


def whole_number(text: str) -> int | None:
    """The whole number a text is, or nothing when it is none that a database could hold (SEC-30)."""
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        return None
    number = int(text)
    return number if number <= MAX_ID else None


def lines_of(text: str) -> str:
    """A text as it stood in its field: a browser sends the end of a line as two characters."""
    return text.replace("\r\n", "\n")


def number_of(text: str) -> int | None:
    """The record number a text is, or nothing: records are numbered from 1."""
    return whole_number(text) or None


def check_query(request: Request) -> None:
    """Refuse an address that holds what cannot be stored (SEC-30).

    :raises Refusal: with status 400.
    """
    if not checked_text(request.path) or _unstorable(request.args) is not None:
        raise Refusal(_NOT_STORED)


def clean_form(request: Request) -> None:
    """Take out of a form, before its view sees it, the characters that cannot be stored (SEC-30).

    They are control characters that nobody sees or means, come along with pasted text. Everything else that was typed is
    read as if they had not been there, in drafts too: a refusal would name a mistake that nobody can find. What a program
    sends is refused instead (:mod:`core.web.api.values`).
    """
    if _unstorable(request.form) is not None:
        pairs = [(_storable(name), _storable(value)) for name, value in request.form.items(multi=True)]
        request.form = ImmutableMultiDict(pairs)


_NOT_STORED = T("This text holds characters that cannot be stored.")


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("", text)


def _unstorable(sent: MultiDict[str, str]) -> str | None:
    """The name of the first field with such a text, or nothing."""
    pairs = sent.items(multi=True)
    return next((name for name, value in pairs if not (checked_text(name) and checked_text(value))), None)
