"""Every hook the core offers, in the order of an addon's life.

An addon implements a hook in its ``hooks.py`` with ``@hookimpl``; ``None`` means «not mine».
Lists are ordered by the ``order`` of their items, then by addon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.host.plugins import hookspec

if TYPE_CHECKING:
    from core.db.base import Record
    from core.db.engine import WorkSession
    from core.web.menu import MenuItem
    from core.web.routing import Route
    from core.web.subjects import SubjectPage
    from core.work.settings import Setting


@hookspec
def routes() -> list[Route]:
    """The addon's own addresses.

    When: once, at start. Return: routes, each with a right. Since 0.1.
    Example: ``return [Route("/sales/board", "board", views.board, right="sales.worksheet.read")]``
    """


@hookspec
def menu() -> list[MenuItem]:
    """What the addon adds to the rail.

    When: once, at start. Return: items, each shown to those who have its right. Since 0.1.
    Example: ``return [MenuItem("clients", T("Clients"), "users", "contacts.customers", right="contacts.customer.read")]``
    """


@hookspec
def subject_pages() -> list[SubjectPage]:
    """Where the addon's records are shown, so that notifications, tasks and histories lead there.

    When: once, at start. Since 0.1.
    Example: ``return [SubjectPage("sales_worksheet", "sales.worksheet")]``
    """


@hookspec
def settings() -> list[Setting]:
    """The addon's settings with types and defaults; an administrator edits them on one page.

    When: once, at start. Since 0.1.
    Example: ``return [Setting("contacts.wait_minutes", int, 5, title=T("Waiting norm, minutes"))]``
    """


@hookspec
def shipped_data(session: WorkSession) -> None:
    """Bring the directory rows the addon ships: reasons, makes, goals.

    When: at every start, after the migrations, after the addons this one depends on. It is called again and
    again: bring each row once with ``core.host.shipped.ship``, which leaves alone what people changed or
    deleted. Since 0.1.
    Example: ``ship(session, LostReason, {"price": {"title_ru": "Цена", "title_en": "Price"}}, ["title_ru"])``
    """


@hookspec
def demo_data(session: WorkSession) -> None:
    """Fill an empty demonstration instance with data that looks like real work.

    When: ``forecourt run --demo`` on a new instance, after the addons this one depends on. Since 0.1.
    """


@hookspec
def before_delete(session: WorkSession, subject: Record) -> str | None:
    """Say why a record must not be deleted.

    When: before a deletion, in its transaction. Return: a msgid with the reason, or ``None``. Since 0.1.
    """
