"""What an addon brings, kept in the database so that it can be named when its code is gone.

Settings, rights and menu items are declared in code; of rights and settings the database would know only those that
somebody was given or has changed.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from core.access.rights import Catalogue
from core.db.engine import WorkSession
from core.host.models import AddonState

LANGUAGES = ("ru", "en")

Titles = dict[str, str]
"""What something is called, by language."""


class Contents(msgspec.Struct, frozen=True):
    """The settings, rights and menu items of an addon: titles by name."""

    settings: dict[str, Titles] = {}
    rights: dict[str, Titles] = {}
    menu: dict[str, Titles] = {}


def read_contents(row: AddonState | None) -> Contents:
    """What was kept of an addon; nothing of one that was never enabled."""
    return msgspec.convert(row.contents, Contents) if row is not None else Contents()


def keep_contents(session: WorkSession, rights: Catalogue) -> None:
    """Write down what the addons of this session bring, where it differs from what is kept."""
    for row in session.scalars(select(AddonState).where(AddonState.name.in_(session.hooks.order))):
        brought = msgspec.to_builtins(_contents(session, row.name, rights))
        if row.contents != brought:
            row.contents = brought


def _contents(session: WorkSession, addon: str, rights: Catalogue) -> Contents:
    return Contents(
        settings=_declared(session, addon, "settings", "name"),
        rights={
            right.name: {
                "ru": f"{right.thing_title_ru}: {right.title_ru}",
                "en": f"{right.thing_title_en}: {right.title_en}",
            }
            for right in rights.rights.values()
            if right.addon == addon
        },
        menu=_declared(session, addon, "menu", "key"),
    )


def _declared(session: WorkSession, addon: str, hook: str, name: str) -> dict[str, Titles]:
    """What the addon declares; one that fails at it is named at the start, and keeps nobody from anything here."""
    if addon not in dict(session.hooks.implementations(hook)):
        return {}
    try:
        return {getattr(each, name): _titles(session, each.title) for each in session.hooks.declared_by(addon, hook)}
    except (Exception, SystemExit):
        return {}


def _titles(session: WorkSession, msgid: str) -> Titles:
    return {language: session.words(language, msgid) for language in LANGUAGES}
