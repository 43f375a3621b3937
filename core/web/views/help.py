"""The keyboard map: the dialog's content, and a page for who asks without scripts."""

from __future__ import annotations

from werkzeug.wrappers import Response

from core.web.http import Request
from core.web.i18n import T
from core.web.shell import Page


def keys(request: Request) -> Response:
    """The keys that work everywhere, in lists and in forms, with the places of the person's own rail."""
    page = Page(request.translate(T("Keyboard shortcuts")))
    return request.render("help/keys.html" if request.fragment else "help/page.html", page=page)
