"""Static files and icons: addresses that change with the content, so browsers may keep them for ever.

An address is ``/static/<version>/<name>``. The version belongs to everything one owner (core, an addon) ships,
so a stylesheet and a module reach their neighbours by relative addresses. Files are looked up in an index made
at the start, never by joining paths: what is not in it cannot be asked for (SEC-33).
"""

from __future__ import annotations

import difflib
import gzip
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import msgspec
from markupsafe import Markup, escape
from werkzeug.wrappers import Request, Response

ICONS = Path(__file__).resolve().parent / "static" / "vendor" / "icons.json"
PATH = "/static/"
SPRITE = "icons.svg"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What may be served and as what; a file of any other kind is not reachable."""

_COMPRESSED = ("text/", "image/svg", "application/manifest")
_LONG = "public, max-age=31536000, immutable"
_ICON_USE = re.compile(rb"""icon(?:_name)?["']?\s*(?::\s*str\s*)?[(=:]\s*["']([a-z0-9]+(?:-[a-z0-9]+)*)["']""")
_SOURCES = (".html", ".py", ".toml")
_STROKE = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'


class AssetError(LookupError):
    """A static file or an icon that a page names and that is not there."""


@dataclass(frozen=True)
class StaticFile:
    """One file as it is sent; ``version`` is that of everything its owner ships."""

    name: str
    version: str
    body: bytes

    @property
    def content_type(self) -> str:
        """The type by the name's ending."""
        return TYPES[Path(self.name).suffix]

    @cached_property
    def gzipped(self) -> bytes | None:
        """The body compressed, or nothing where that does not pay."""
        if not self.content_type.startswith(_COMPRESSED) or len(self.body) < 512:
            return None
        return gzip.compress(self.body, 6, mtime=0)


class Assets:
    """The static files and icons of one application object.

    :param folders: the ``static`` folder of core under the name ``""`` and those of running addons under theirs;
        an addon's ``static/<name>/`` is served under its name, what lies beside it is not.
    :param sources: folders of the templates and modules whose icons the sprite holds.
    :param mount: the path the application is mounted at, without a slash at the end.
    :param reload: notice changed files at each page (for those who write them).
    :raises AssetError: when the front-end parts were not built, or two files have one name.
    """

    def __init__(
        self, folders: Mapping[str, Path], *, sources: Iterable[Path] = (), mount: str = "", reload: bool = False
    ) -> None:
        self._folders = {f"{name}/" if name else "": folder / name for name, folder in folders.items()}
        self._sources = list(sources)
        self._prefix = f"{mount}{PATH}"
        self._reload = reload
        self._load()

    def url(self, name: str) -> str:
        """The address of a file: ``vendor/htmx.min.js`` of core, ``parking/gate.js`` of an addon.

        :raises AssetError: when there is no such file, so a page with a wrong name fails in its test.
        """
        if self._reload and self._seen != self._stamps():
            self._load()
        file = self._files.get(name)
        if file is None:
            raise AssetError(f"no static file {name!r}{_meant(name, self._files)}")
        return f"{self._prefix}{file.version}/{name}"

    def find(self, address: str) -> StaticFile | None:
        """The file that :meth:`url` has named so, whatever its version was then."""
        if not address.startswith(self._prefix):
            return None
        return self._files.get(address.removeprefix(self._prefix).partition("/")[2])

    def serve(self, request: Request) -> Response:
        """The answer to a request below :data:`PATH`.

        An address with an older version gets today's file, which is then not kept: pages that were open
        during an upgrade go on working.
        """
        version, _, name = request.path.removeprefix(PATH).partition("/")
        file = self._files.get(name)
        if file is None:
            return Response("Not found\n", 404, content_type="text/plain", headers={"Cache-Control": "no-store"})
        if request.method not in ("GET", "HEAD"):
            return Response(status=405, headers={"Allow": "GET, HEAD"})
        response = _answer(file, gzip_accepted=request.accept_encodings.quality("gzip") > 0)
        response.headers["Cache-Control"] = _LONG if version == file.version else "no-cache"
        return response.make_conditional(request, accept_ranges=True, complete_length=len(response.data))

    def icon(self, name: str, cls: str = "", label: str | None = None) -> Markup:
        """A Tabler outline icon; with ``label`` it says something by itself, without it is decoration.

        Icons named literally in sources are drawn from the sprite; a name that comes from data is drawn in place.

        :raises AssetError: when Tabler has no such icon.
        """
        # str(): a lazily translated label becomes words here, not a key of the cache.
        return self._draw(name, cls, None if label is None else str(label))

    def _load(self) -> None:
        self._seen = self._stamps() if self._reload else ()
        nodes = _read_icons(ICONS)
        self._used = sorted(nodes.keys() & used_icons(self._sources))
        # The rest of five thousand is read again if a name ever comes from data; a part of a file holds all of it.
        self._nodes = {name: msgspec.Raw(bytes(nodes[name])) for name in self._used}
        self._files: dict[str, StaticFile] = {}
        self._add([self._sprite()])
        for prefix, folder in self._folders.items():
            self._add(_owned(prefix, folder))
        self._draw = lru_cache(maxsize=4096)(self._drawn)

    def _add(self, files: Iterable[StaticFile]) -> None:
        for file in files:
            if file.name in self._files:
                raise AssetError(f"two static files are called {file.name}")
            self._files[file.name] = file

    def _sprite(self) -> StaticFile:
        symbols = "".join(
            f'<symbol id="{name}" viewBox="0 0 24 24" {_STROKE}>{_shapes(self._nodes[name])}</symbol>'
            for name in self._used
        )
        body = f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'.encode()
        return StaticFile(SPRITE, _version([(SPRITE, body)]), body)

    def _drawn(self, name: str, cls: str, label: str | None) -> Markup:
        shapes = self._nodes.get(name) or self._rare_shapes(name)
        said = Markup('aria-hidden="true"') if label is None else Markup('role="img" aria-label="{}"').format(label)
        if name in self._used:
            shape = Markup('<use href="{}#{}"/>').format(self.url(SPRITE), name)
            box = Markup("")
        else:
            shape = Markup(_shapes(shapes))  # noqa: S704 - the file the build fetched, checked by its lock
            box = Markup(f' viewBox="0 0 24 24" {_STROKE}')  # noqa: S704 - a constant
        return Markup('<svg class="{}" {}{}>{}</svg>').format(f"i {cls}".rstrip(), said, box, shape)

    def _rare_shapes(self, name: str) -> msgspec.Raw:
        nodes = _read_icons(ICONS)
        if name not in nodes:
            raise AssetError(f"no icon {name!r}{_meant(name, nodes)}")
        return nodes[name].copy()

    def _stamps(self) -> tuple[tuple[str, int], ...]:
        found = (path for folder in self._folders.values() for path in _walk(folder))
        return tuple((str(path), path.stat().st_mtime_ns) for path in found)


def used_icons(folders: Iterable[Path]) -> set[str]:
    """The names that ``icon("…")``, ``icon="…"`` and the like mention in templates, modules and manifests."""
    names: set[bytes] = set()
    for folder in folders:
        for path in _walk(folder):
            if path.suffix in _SOURCES:
                names.update(_ICON_USE.findall(path.read_bytes()))
    return {name.decode("ascii") for name in names}


def _walk(folder: Path) -> Iterator[Path]:
    """All files below a folder but hidden ones, in one order on every machine."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(parent, name)


def _owned(prefix: str, folder: Path) -> list[StaticFile]:
    """The files of one owner's static folder, all of one version."""
    paths = [path for path in _walk(folder) if path.suffix in TYPES]
    bodies = [(prefix + path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]
    version = _version(bodies)
    return [StaticFile(name, version, body) for name, body in bodies]


def _version(bodies: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name, body in bodies:
        digest.update(f"{name}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def _read_icons(file: Path) -> dict[str, msgspec.Raw]:
    """All icons by name; the shapes stay unparsed, for a page needs few of five thousand."""
    if not file.is_file():
        raise AssetError("the front-end parts are not built: install Forecourt with pip, or run `make assets`")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])


def unknown_icons(names: Iterable[str]) -> list[str]:
    """Those that Tabler does not have; none while the front-end parts are not built, of which every page tells."""
    known = _icon_names() if ICONS.is_file() else None
    return [name for name in names if known is not None and name not in known]


@cache
def _icon_names() -> frozenset[str]:
    return frozenset(_read_icons(ICONS))


def _shapes(nodes: msgspec.Raw) -> str:
    shapes = msgspec.json.decode(nodes, type=list[tuple[str, dict[str, str | int | float]]])
    return "".join(f"<{tag}{_attributes(values)}/>" for tag, values in shapes)


def _attributes(values: dict[str, str | int | float]) -> str:
    return "".join(f' {key}="{escape(value)}"' for key, value in values.items())


def _answer(file: StaticFile, *, gzip_accepted: bool) -> Response:
    body = file.gzipped if gzip_accepted else None
    response = Response(file.body if body is None else body, content_type=file.content_type)
    if body is not None:
        response.headers["Content-Encoding"] = "gzip"
    if file.gzipped is not None:
        response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(file.version if body is None else f"{file.version}-gzip")
    return response


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3)
    return f"; did you mean {', '.join(close)}?" if close else ""
