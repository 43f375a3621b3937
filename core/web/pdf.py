"""Pages as PDF, where the extra ``[pdf]`` is installed: WeasyPrint, and the Pango of the system it draws with.

A page is drawn from what it holds and from our own static files. Whatever else it names, on this machine or on another,
is refused: a page with somebody's text in it reaches nothing.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.web.assets import Assets

_HOME = "https://forecourt.invalid"
"""What addresses of a page are relative to; there is no such host, and nobody is asked for it."""
_FONTS = {"Paper Cyrillic": "vendor/inter-cyrillic.woff2", "Paper Latin": "vendor/inter-latin.woff2"}


@cache
def _library() -> Any:
    """WeasyPrint, or nothing where it or what it needs of the system is missing."""
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError):
        return None


def can_make_pdf() -> bool:
    """Whether pages can be had as PDF here."""
    return _library() is not None


def pdf_of(assets: Assets, page: str) -> bytes:
    """A page as it would be printed, in our own fonts.

    :raises RuntimeError: where :func:`can_make_pdf` says no.
    """
    library = _library()
    if library is None:
        raise RuntimeError("the extra [pdf] is not installed")
    fetcher = _fetcher(assets)
    fonts = library.text.fonts.FontConfiguration()
    sheet = library.CSS(string=_font_sheet(assets), base_url=_HOME, url_fetcher=fetcher, font_config=fonts)
    document = library.HTML(string=page, base_url=_HOME, url_fetcher=fetcher)
    made: bytes = document.write_pdf(stylesheets=[sheet], font_config=fonts)
    return made


def _font_sheet(assets: Assets) -> str:
    """The fonts of the program come before those that a page asks for, which a server may not have."""
    faces = [
        f'@font-face {{ font-family: "{name}"; src: url("{assets.url(file)}"); font-weight: 100 900 }}'
        for name, file in _FONTS.items()
    ]
    families = ", ".join(f'"{name}"' for name in _FONTS)
    use = f"html, body {{ font-family: {families}, sans-serif !important }}"
    foot = f"@page {{ @bottom-right {{ font-family: {families}, sans-serif !important }} }}"
    return "\n".join([*faces, use, foot])


def _fetcher(assets: Assets) -> Any:
    """Gives the library our own static files; it skips what is refused."""
    urls = importlib.import_module("weasyprint.urls")

    class OwnFiles(urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Opens nothing: it takes the place of the one method by which the library gets at addresses."""

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the library's own signature
            file = assets.find(url.removeprefix(_HOME)) if url.startswith(f"{_HOME}/") else None
            if file is None:
                raise ValueError("only the program's own files may be fetched")
            return urls.URLFetcherResponse(url, file.body, {"Content-Type": file.content_type})

    return OwnFiles()
