"""Every hook the core offers, in the order of an addon's life.

An addon implements a hook in its ``hooks.py`` with ``@hookimpl``; ``None`` means «not mine».
Lists are ordered by the ``order`` of their items, then by addon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.host.plugins import hookspec

if TYPE_CHECKING:
    from core.db.base import Record
    from core.db.engine import WorkSession
    from core.jobs.schedule import Job
    from core.web.api.operations import Operation
    from core.web.menu import MenuItem
    from core.web.routing import Route
    from core.web.screens import Action, Column, Filter, FormSection, Panel, Screen
    from core.web.search import SearchSource
    from core.web.subjects import SubjectPage
    from core.work.notifications import NotificationKind
    from core.work.personal_data import Declaration
    from core.work.settings import Setting


@hookspec
def routes() -> list[Route]:
    """The addon's own addresses.

    When: once, at start. Return: routes, each with a right. Since 0.1.
    Example: ``return [Route("/sales/board", "board", views.board, right="sales.worksheet.read")]``
    """


@hookspec
def screens() -> list[Screen]:
    """The addon's lists, cards and forms as declarations.

    When: once, at start. Return: screens whose key begins with the addon's name; wrong names in one fail the
    addon with all mistakes named. Order: as the addons start. Since 0.1.
    Example: ``return [declarations.CUSTOMERS, declarations.TRAFFIC]``
    """


@hookspec
def api_operations() -> list[Operation]:
    """What programs may do with the addon's records besides reading and storing them: the steps of its work.

    When: once, at start; a wrong declaration fails the addon. The address is ``/api/v1/<addon>`` and the operation's
    path, the right is checked before ``run``. Lists, records and forms of screens need no operations. Since 0.1.
    Example: ``return [Operation(name="claim", title=T("Take a contact"), path="/traffic/{id}/claim", …)]``
    """


@hookspec
def list_columns(screen_key: str) -> list[Column] | None:
    """Columns for another addon's list, with values from the addon's own tables.

    When: once for each screen, at start; each column's ``fetch(session, ids)`` then once a page, for all rows, guarded.
    Return: columns with ``fetch``. Order: by ``order`` among the owner's, which count 10, 20, 30 …, then by addon. Since 0.1.
    Example: ``return [Column("stage", label=T("Stage"), fetch=services.stages_of, order=45)] if screen_key == "contacts.traffic" else None``
    """


@hookspec
def list_filters(screen_key: str) -> list[Filter] | None:
    """Filters for another addon's list.

    When: once for each screen, at start. Return: filters; a condition on own tables is a ``ConditionFilter`` with
    ``exists()`` or ``in_(select(…))``. Order: by ``order``, then by addon. Since 0.1.
    Example: ``return [ConditionFilter("stage", T("Stage"), services.at_stage, STAGES)] if screen_key == "contacts.traffic" else None``
    """


@hookspec
def form_sections(screen_key: str) -> list[FormSection] | None:
    """Fields of the addon's own table inside another addon's form.

    When: once for each screen, at start; ``load`` when the form is drawn, guarded; ``save`` after the owner's own save
    in the same transaction, unguarded: what it raises undoes both. Order: by ``order``, then by addon. Since 0.1.
    Example: ``return [FormSection("delivery", T("Delivery"), FIELDS, services.load, services.save)] if screen_key == "service.orders" else None``
    """


@hookspec
def card_panels(session: WorkSession, screen_key: str, subject: Record) -> list[Panel] | None:
    """Boxes on another addon's card.

    When: each time a card is drawn, addon by addon; drawing is guarded too. Return: panels, or ``None`` for «not mine».
    Order: by ``order``, then by addon. Since 0.1.
    Example: ``return [Panel("calls", T("Calls"), "telephony/calls.html", dict, reads={"calls": Read(CALLS, {"customer": subject.id})})]``
    """


@hookspec
def card_actions(session: WorkSession, screen_key: str, subject: Record) -> list[Action] | None:
    """Buttons on another addon's card; each leads to an endpoint of the addon, which checks the right itself.

    When: each time a card is drawn, guarded. Return: actions, or ``None`` for «not mine». Order: by ``order``. Since 0.1.
    Example: ``return [Action("book", T("Book a visit"), "service.book", right="service.booking.create", icon="calendar")]``
    """


@hookspec
def menu() -> list[MenuItem]:
    """What the addon adds to the rail.

    When: once, at start. Return: items, each shown to those who have its right. Since 0.1.
    Example: ``return [MenuItem("clients", T("Clients"), "users", "contacts.customers", right="contacts.customer.read")]``
    """


@hookspec
def search_sources() -> list[SearchSource]:
    """The addon's kinds of records in the global search and in the palette (Ctrl+K).

    When: once, at start; each source's ``find(session, query, limit)`` then with every search by a person who has
    its right, guarded. Order: the group with the best hit first, then by ``order``. Since 0.1.
    Example: ``return [SearchSource("clients", T("Clients"), "user", "contacts.customer.read", search.find_clients)]``
    """


@hookspec
def notification_kinds() -> list[NotificationKind]:
    """The kinds of notifications the addon sends, so that each person can choose how loud they are for him.

    When: once, at start. Order: as the addons start. Since 0.1.
    Example: ``return [NotificationKind("contacts.group", T("A contact for several people"), Sound.UNTIL_TAKEN)]``
    """


@hookspec
def subject_pages() -> list[SubjectPage]:
    """Where the addon's records are shown, so that notifications, tasks and histories lead there.

    When: once, at start. Since 0.1.
    Example: ``return [SubjectPage("sales_worksheet", "sales.worksheet")]``
    """


@hookspec
def settings() -> list[Setting[Any]]:
    """The addon's settings with types and defaults; an administrator edits them on one page.

    When: once, at start. Since 0.1.
    Example: ``return [Setting("contacts.wait_minutes", int, 5, title=T("Waiting norm, minutes"))]``
    """


@hookspec
def jobs() -> list[Job]:
    """What the addon does outside any request: sweeps that find in the database what is due.

    When: once, at start. Return: jobs named ``<addon>.<what>``. A job runs in
    one process at a time, in a session of its own; one that fails is tried again after a pause, and parked with
    a notice to the administrators after eight failures in a row. Since 0.1.
    Example: ``return [Job("contacts.waiting", waiting.sweep, timedelta(seconds=5), T("Clients who wait too long"))]``
    """


@hookspec
def personal_data() -> list[Declaration]:
    """What the addon holds about people: where it is, how it is erased, what a law keeps, when its term ends.

    When: once, at start; looked at with every subject file, erasure and purge, and by conformance, which demands that
    each column that looks personal is spoken of. Return: ``PersonalData``, ``Hold``, ``Retention`` and ``NotPersonal`` of
    ``core.work.personal_data``; parents before the tables that refer to them. Since 0.1.
    Example: ``return [PersonalData(model=Customer, person=True, title=T("Clients"), category=T("Name"), fields={…})]``
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
