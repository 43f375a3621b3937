"""Every hook the core offers, in the order of an addon's life.

An addon implements a hook in its ``hooks.py`` with ``@hookimpl``; ``None`` means «not mine».
Lists are ordered by the ``order`` of their items, then by addon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.host.plugins import hookspec
from core.host.vocabularies import Vocabulary

if TYPE_CHECKING:
    from core.db.base import Record
    from core.db.engine import WorkSession
    from core.db.kept import Read
    from core.host.commands import Command
    from core.host.plugins import Hooks
    from core.jobs.duties import Duty
    from core.jobs.schedule import Job
    from core.web.api.operations import Operation
    from core.web.changes import AuditWords
    from core.web.menu import FrameStrip, MenuItem
    from core.web.routing import Route
    from core.web.screens import Action, Column, Filter, FormSection, Grouping, Panel, Screen, Strip
    from core.web.search import SearchSource
    from core.web.subjects import SubjectPage
    from core.work.notifications import NotificationKind
    from core.work.personal_data import Declaration
    from core.work.settings import Setting

# Their classes are named: they are not to be imported before the addons.
MENU = Vocabulary(
    "MenuItem",
    has={
        "key": str,
        "title": str,
        "icon": str,
        "endpoint": str,
        "right": str,
        "order": int,
        "group": str,
        "letter": str,
        "count": Callable | None,
        "home_for": tuple,
        "more_rights": tuple,
    },
    icons=["icon"],
)
FRAME_STRIPS = Vocabulary(
    "FrameStrip", has={"name": str, "endpoint": str, "right": str, "count": Callable, "topics": Callable, "script": str}
)
SEARCH_SOURCES = Vocabulary(
    "SearchSource",
    has={"name": str, "title": str, "icon": str, "right": str, "find": Callable, "order": int},
    icons=["icon"],
)
NOTIFICATION_KINDS = Vocabulary("NotificationKind", has={"kind": str, "title": str, "right": str})
SUBJECT_PAGES = Vocabulary("SubjectPage", has={"type": str, "endpoint": str, "claim": str})
SETTINGS = Vocabulary("Setting", has={"name": str, "title": str, "group": str, "help": str})
COMMANDS = Vocabulary("Command", has={"command": Callable, "needs_instance": bool, "group": str})
AUDIT_WORDS = Vocabulary("AuditWords", has={"actions": Mapping, "things": Mapping, "fields": Mapping})


@hookspec
def routes() -> list[Route]:
    """The addon's own addresses.

    When: once, at start. Return: routes, each with a right. Since 0.1.
    Example: ``return [Route("/parking/gate", "gate", views.gate, right="parking.pass.read")]``
    """


@hookspec
def screens(hooks: Hooks) -> list[Screen]:
    """The addon's lists, cards and forms as declarations.

    When: once, at start. Return: screens whose key begins with the addon's name; wrong names in one fail the
    addon with all mistakes named. ``hooks`` tells what other addons add to a vocabulary of the addon's own, for
    ``with_choices``. Order: as the addons start. Since 0.1.
    Example: ``return [declarations.PASSES, with_choices(declarations.GUESTS, gate=gate_choices(hooks))]``
    """


@hookspec
def api_operations() -> list[Operation]:
    """What programs may do with the addon's records besides reading and storing them: the steps of its work.

    When: once, at start; a wrong declaration fails the addon. The address is ``/api/v1/<addon>`` and the operation's
    path, the right is checked before ``run``. Lists, records and forms of screens need no operations. Since 0.1.
    Example: ``return [Operation(name="admit", title=T("Let in"), path="/passes/{id}/admit", …)]``
    """


@hookspec
def list_columns(screen_key: str) -> list[Column] | None:
    """Columns for another addon's list, with values from the addon's own tables.

    When: once for each screen, at start; each column's ``fetch(session, ids)`` then once a page, for all rows, guarded.
    Return: columns with ``fetch``. Order: by ``order`` among the owner's, which count 10, 20, 30 …, then by addon. Since 0.1.
    Example: ``return [Column("zone", label=T("Zone"), fetch=services.zones_of, order=45)] if screen_key == "parking.passes" else None``
    """


@hookspec
def list_filters(screen_key: str) -> list[Filter] | None:
    """Filters for another addon's list.

    When: once for each screen, at start. Return: filters; a condition on own tables is a ``ConditionFilter`` with
    ``exists()`` or ``in_(select(…))``. Order: by ``order``, then by addon. Since 0.1.
    Example: ``return [ConditionFilter("place", T("Place"), services.at_place, PLACES)] if screen_key == "parking.passes" else None``
    """


@hookspec
def list_groupings(screen_key: str) -> list[Grouping] | None:
    """Ways to break another addon's list down by what the addon knows of its rows, with their totals (X-14).

    When: once for each screen, at start. Return: groupings whose ``key`` is a subquery over own tables that refers to
    the row, without values of its own to be sent along. Order: after the owner's, by addon. Since 0.1.
    Example: ``return [Grouping("zone", T("Zone"), zone_of_pass, words=zones)] if screen_key == "parking.passes" else None``
    """


@hookspec
def list_strips(screen_key: str) -> list[Strip] | None:
    """Figures over another addon's list, which follow its filters.

    When: once for each screen, at start; each strip's ``load(viewer, conditions)`` then with every page of the list,
    guarded. The conditions name the list's own table and those that the screen joins. Order: below the owner's strip,
    by addon. Since 0.1.
    Example: ``return [Strip("garden/places.html", places.figures)] if screen_key == "parking.passes" else None``
    """


@hookspec
def form_sections(screen_key: str) -> list[FormSection] | None:
    """Fields of the addon's own table inside another addon's form.

    When: once for each screen, at start; ``load`` when the form is drawn, guarded; ``save`` after the owner's own save
    in the same transaction, unguarded: what it raises undoes both, and a fault counts among the
    addon's failures. Order: by ``order``, then by addon. Since 0.1.
    Example: ``return [FormSection("trailer", T("Trailer"), FIELDS, services.load, services.save)] if screen_key == "parking.passes" else None``
    """


@hookspec
def card_panels(session: WorkSession, screen_key: str, subject: Record) -> list[Panel] | None:
    """Boxes on another addon's card.

    When: each time a card is drawn, addon by addon; drawing is guarded too. That of a task is ``core.task``, whose panels
    all stand in one place. Return: panels, or ``None`` for «not mine».
    Order: by ``order``, then by addon. Since 0.1.
    Example: ``return [Panel("passes", T("Passes"), "parking/passes.html", dict, reads={"passes": Read(PASSES, {"guest": subject.id})})]``
    """


@hookspec
def card_actions(session: WorkSession, screen_key: str, subject: Record) -> list[Action] | None:
    """Buttons on another addon's card; each leads to an endpoint of the addon, which checks the right itself.

    When: each time a card is drawn, guarded. Return: actions, or ``None`` for «not mine». Order: by ``order``. Since 0.1.
    Example: ``return [Action("admit", T("Let in"), "parking.admit", right="parking.pass.create", icon="barrier-block")]``
    """


@hookspec
@MENU
def menu() -> list[MenuItem]:
    """What the addon adds to the rail.

    When: once, at start. Return: items, each shown to those who have its right. Since 0.1.
    Example: ``return [MenuItem("passes", T("Passes"), "parking", "parking.passes", right="parking.pass.read")]``
    """


@hookspec
@FRAME_STRIPS
def frame_strips() -> list[FrameStrip]:
    """What stands over every page of a person as long as there is something to say: a call that is on his line.

    When: once, at start. Return: strips, each shown to those who have its right. Their ``count`` is asked with the
    rail's counters; a strip that counts something, or hears one of its ``topics``, fetches itself from its
    ``endpoint``, which answers a fragment, empty when there is nothing. ``script`` is a module of the addon's static
    folder, loaded with every page. Order: as the addons start. Since 0.1.
    Example: ``return [FrameStrip("guests", "parking.guests", "parking.pass.read", guests.mine, guests.topics)]``
    """


@hookspec
def telephone_lines(user_ids: Sequence[int]) -> Read | None:
    """Reads whose telephone line is taken, for everybody who chooses among colleagues (S0-18, S3-13).

    When: presence is asked for. Return: a read of rows ``user_id``, ``line``: ``call`` for who talks, ``ringing``; free
    ones are left out. ``None`` for nothing. Publish ``presence.changed`` with ``user`` when it changes. Since 0.1.
    Example: ``return Read(LINES, {"users": list(user_ids)})``
    """


@hookspec
@SEARCH_SOURCES
def search_sources() -> list[SearchSource]:
    """The addon's kinds of records in the global search and in the palette (Ctrl+K).

    When: once, at start; each source's ``find(session, query, limit)`` then with every search by a person who has
    its right, guarded. Order: the group with the best hit first, then by ``order``. Since 0.1.
    Example: ``return [SearchSource("passes", T("Passes"), "parking", "parking.pass.read", search.find_passes)]``
    """


@hookspec
@NOTIFICATION_KINDS
def notification_kinds() -> list[NotificationKind]:
    """The kinds of notifications the addon sends, so that each person can choose how loud they are for him.

    When: once, at start. Order: as the addons start. Since 0.1.
    Example: ``return [NotificationKind("parking.guest", T("A guest waits at the gate"), Sound.UNTIL_TAKEN)]``
    """


@hookspec
@SUBJECT_PAGES
def subject_pages() -> list[SubjectPage]:
    """Where the addon's records are shown, so that notifications, tasks and histories lead there.

    When: once, at start. Since 0.1.
    Example: ``return [SubjectPage("parking_pass", "parking.passes.card")]``
    """


@hookspec
@SETTINGS
def settings() -> list[Setting[Any]]:
    """The addon's settings with types and defaults; an administrator edits them on one page.

    When: once, at start. Since 0.1.
    Example: ``return [Setting("parking.wait_minutes", int, 5, title=T("Waiting norm, minutes"))]``
    """


@hookspec
def jobs() -> list[Job]:
    """What the addon does outside any request: sweeps that find in the database what is due.

    When: once, at start. Return: jobs named ``<addon>.<what>``. A job runs in
    one process at a time, in a session of its own; one that fails is tried again after a pause, and parked with
    a notice to the administrators after eight failures in a row. Since 0.1.
    Example: ``return [Job("parking.waiting", waiting.sweep, timedelta(seconds=5), T("Guests who wait too long"))]``
    """


@hookspec
def duties() -> list[Duty]:
    """What the addon does all the time in one process of the instance: a link to another machine, which a job cannot be.

    When: once, at the start of each process that does jobs. Return: duties named ``<addon>.<what>``. ``run`` gets an
    ``OnDuty`` with the database, and returns soon after its ``goes_on()`` says no; only one process at a time has the post.
    One that fails is begun anew after a pause. Since 0.1.
    Example: ``return [Duty("parking.gate", gate.watch)]``
    """


@hookspec
def personal_data() -> list[Declaration]:
    """What the addon holds about people: where it is, how it is erased, what a law keeps, when its term ends.

    When: once, at start; looked at with every subject file, erasure and purge, and by conformance, which demands that
    each column that looks personal is spoken of. Return: ``PersonalData``, ``Hold``, ``Retention`` and ``NotPersonal`` of
    ``core.work.personal_data``; parents before the tables that refer to them. Since 0.1.
    Example: ``return [PersonalData(model=Guest, person=True, title=T("Guests"), category=T("Name"), fields={…})]``
    """


@hookspec
@COMMANDS
def commands() -> list[Command]:
    """What whoever administrates can do with the addon at the command line: ``forecourt <addon> <command>``.

    When: somebody looks into the addon's group of commands, at the start of servers, and with ``forecourt check``. Return:
    commands of click, each with a line that says what it does; import them within the hook, servers need none. One that is
    about an instance is refused where the addon is not enabled, one that needs none works wherever the addon is installed.
    ``forecourt --help`` names the group by the manifest and loads no code. One called ``demo-<what>``, which lets something
    happen in a demonstration, is ``forecourt demo --<what>`` as well. Since 0.1.
    Example: ``return [Command(views.replay, needs_instance=False)]``
    """


@hookspec
@AUDIT_WORDS
def audit_words() -> list[AuditWords]:
    """What the addon's own actions, tables and columns are called in the audit trail, where no screen names them.

    When: once, at start. Return: ``core.web.changes.AuditWords``, with texts for translation. Since 0.1.
    Example: ``return [AuditWords(actions={"admitted": T("let in")}, things={"parking_pass": T("Parking pass")})]``
    """


@hookspec
def shipped_data(session: WorkSession) -> None:
    """Bring the directory rows the addon ships: reasons, makes, goals.

    When: the code of any addon has changed, at the upgrade; an addon is enabled; and at every start of ``forecourt run``.
    Always after the migrations and after the addons this one depends on, guarded; an upgrade that fails here leaves the
    addon out. It is called again and again: ``ship`` of ``core.host.shipped`` brings each row once and later what a
    release ships otherwise, and leaves alone what people changed or deleted. Since 0.1.
    Example: ``ship(session, Gate, {"north": {"title_ru": "Северные ворота", "title_en": "North gate"}}, ["title_ru"])``
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
