"""What an addon says about itself, read without importing any of its code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_NAME = re.compile(r"[a-z][a-z0-9]{1,30}")


class ManifestError(Exception):
    """A manifest that cannot be used; ``problems`` lists everything wrong with it."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        super().__init__(f"{path}: " + "; ".join(problems))
        self.problems = problems


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of ``addon.toml``.

    ``depends`` and ``optional`` map addon names to version ranges (``>=0.1,<0.2``);
    ``core`` is the range of core versions the addon works with. ``base`` says that hardly anything can be done without
    it: safe mode keeps it, if it comes with Forecourt. ``commands`` are further groups of its commands,
    ``forecourt <name> …``, each with a line that says what they are for.
    """

    name: str
    version: str
    core: str
    title: dict[str, str]
    summary: dict[str, str] = msgspec.field(default_factory=dict)
    depends: dict[str, str] = msgspec.field(default_factory=dict)
    optional: dict[str, str] = msgspec.field(default_factory=dict)
    icon: str = "puzzle"
    commands: dict[str, str] = msgspec.field(default_factory=dict)
    base: bool = False

    def title_in(self, language: str) -> str:
        """The addon's name as people of that language read it."""
        return self.title.get(language) or self.title.get("en") or self.name


@dataclass(frozen=True, slots=True)
class FoundAddon:
    """An addon that is there to be enabled: its manifest, its folder, the package to import."""

    manifest: Manifest
    folder: Path
    package: str

    @property
    def name(self) -> str:
        """The addon's name: folder, table prefix, hook prefix, template folder, catalogue."""
        return self.manifest.name

    @property
    def basic(self) -> bool:
        """Whether safe mode keeps it: a stranger's word for that would not make it safe."""
        return self.manifest.base and self.package.startswith("addons.")


def is_name(name: str) -> bool:
    """Whether an addon may be called so: one lowercase word, not «core»."""
    return bool(_NAME.fullmatch(name)) and name != "core"


def read_manifest(path: Path) -> Manifest:
    """Read and check an ``addon.toml``.

    :raises ManifestError: naming all that is wrong with it at once.
    """
    try:
        manifest = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Manifest)
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ManifestError(path, [str(error)]) from error
    problems = _problems(manifest, path)
    if problems:
        raise ManifestError(path, problems)
    return manifest


def _problems(manifest: Manifest, path: Path) -> list[str]:
    problems = []
    if not is_name(manifest.name):
        problems.append(f"{manifest.name!r} is no addon name: one lowercase word, not «core»")
    if manifest.name != path.parent.name:
        problems.append(f"the name {manifest.name!r} differs from the folder {path.parent.name!r}")
    problems += [
        f"{name!r} is no name for commands: one lowercase word" for name in manifest.commands if not is_name(name)
    ]
    problems += [f"no title in {language!r}" for language in ("ru", "en") if not manifest.title.get(language)]
    try:
        Version(manifest.version)
    except InvalidVersion:
        problems.append(f"version {manifest.version!r} is no version")
    for name, wanted in {"core": manifest.core, **manifest.depends, **manifest.optional}.items():
        try:
            SpecifierSet(wanted)
        except InvalidSpecifier:
            problems.append(f"{name}: {wanted!r} is no version range")
    return problems


def satisfies(version: str, wanted: str) -> bool:
    """Whether a version lies in a range."""
    return Version(version) in SpecifierSet(wanted, prereleases=True)


def snapshot(manifest: Manifest) -> dict[str, Any]:
    """The manifest as plain data, kept in the database for the day the code is gone."""
    data: dict[str, Any] = msgspec.to_builtins(manifest)
    return data
