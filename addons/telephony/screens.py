"""The lists, cards and forms of telephony, as declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Integer, case, cast, func, literal
from sqlalchemy.orm import object_session

from addons.contacts.models import ContactGoal, InboundContact
from addons.contacts.services.states import OPEN
from addons.telephony.models import DONE, LISTEN, NOT_ASKED, WAITING, Call, CallCheck, Line, Pbx
from addons.telephony.models import Link as LinkRow
from addons.telephony.services import exchanges, figures, lines, reconciling, registering
from addons.telephony.services.house import line_number
from addons.telephony.services.link.adapters import adapters
from addons.telephony.services.recordings import panels, places
from addons.telephony.services.recordings.checking import RIGHT, VERDICTS
from addons.telephony.services.vocabulary import (
    DIRECTIONS,
    DISPOSITIONS,
    GAP_PROBLEMS,
    INTERNAL,
    LINK_STATES,
    LOSS_REASONS,
    MISSED,
    WITHHELD,
)
from core import (
    Action,
    Branch,
    Choice,
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Formats,
    Grouping,
    Hooks,
    InLanguage,
    Join,
    Link,
    Lookup,
    LookupFilter,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
    T,
    Total,
    User,
    View,
    WorkSession,
    format_phone,
    shown_name,
    with_choices,
)


def _choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, title) for code, title in words.items())


_ICONS = {"in": "phone-incoming", "out": "phone-outgoing", "internal": "phone"}
_DIRECTIONS = tuple(
    Choice(code, title, "grey" if code == "internal" else "", _ICONS[code]) for code, title in DIRECTIONS.items()
)
_RESULTS = tuple(
    Choice(code, title, {"answered": "ok", MISSED: "bad"}.get(code, "warn")) for code, title in DISPOSITIONS.items()
)
_REASONS = _choices(LOSS_REASONS)
_LINKS = tuple(
    Choice(code, title, {"linked": "ok", "away": "bad", "refused": "bad"}.get(code, "warn"))
    for code, title in LINK_STATES.items()
)
_GAPS = _choices(GAP_PROBLEMS)
_DIALLED = (
    Choice("eight", "8 903 123-45-67"),
    Choice("digits", "7 903 123-45-67"),
    Choice("plus", "+7 903 123-45-67"),
)
_CONTACTS = (
    Choice(DONE, T("There is one"), "ok"),
    Choice(WAITING, T("Not yet"), "warn"),
    Choice(NOT_ASKED, T("None is needed")),
)
_VERDICTS = tuple(Choice(code, title, "ok" if code == RIGHT else "bad") for code, title in VERDICTS.items())
_CONTACT = Lookup(
    InboundContact, InboundContact.number + " · " + InboundContact.client_text, endpoint="contacts.contact"
)
_LINE, _EMPLOYEE = Lookup(Line, Line.title), Lookup(User, User.full_name)
_UNREACHED = Call.waits_for_call & (InboundContact.id.is_(None) | InboundContact.state.in_(OPEN))

_SAID = func.replace(func.replace(InboundContact.client_text, " ", ""), "-", "") == Call.phone
"""Of whom nothing is known but the number: that is said once as well."""

_UNNAMED = (Call.phone == "") & InboundContact.customer_id.is_(None) & InboundContact.created_by_id.is_(None)
"""Of whom nothing is known but that he withholds his number: that is said once."""

_CALLED = case(
    (
        (func.length(Call.did) == 11) & (Call.did.like("7%") | Call.did.like("8%")),
        literal("+7") + func.substr(Call.did, 2),
    ),
    else_=Call.did,
)
"""The line as people read it: exchanges say it with and without the plus."""


def _called(did: str) -> str:
    """The same on the card of one call."""
    return format_phone(line_number(did))


def _named(call: Call) -> str:
    """What a call is called: its client's number, or that he withholds it."""
    session = object_session(call)
    if call.phone or not isinstance(session, WorkSession):
        return format_phone(call.phone)
    return session.words(session.access.language, WITHHELD)


def _clients(values: Sequence[tuple[str, str]], formats: Formats) -> Sequence[str]:
    """The clients' numbers, or that they withhold them; a call inside the house has none."""
    withheld = formats.translate(WITHHELD)
    return [format_phone(phone) if phone else "" if direction == INTERNAL else withheld for phone, direction in values]


def _problems(values: Sequence[str], formats: Formats) -> Sequence[str]:
    """Why calls have no contact."""
    return [registering.problem_in(formats.translate, each) for each in values]


REPORT = "telephony.call.report"
wait = Total("wait", cast(func.round(func.avg(Call.wait_ms) / 1000), Integer), T("average wait"), kind="timer")
lost = Total("lost", func.sum(case((Call.disposition == MISSED, 1), else_=0)), T("missed"))

CALLS = Screen(
    key="telephony.calls",
    model=Call,
    thing="telephony.call",
    path="/calls",
    title=T("Phone calls"),
    one=T("Call"),
    icon="phone",
    menu="calls",
    joins=(
        Join(User, User.id == Call.employee_id),
        Join(InboundContact, InboundContact.id == Call.contact_id),
        Join(Line, Line.id == Call.line_id),
        Join(Pbx, Pbx.id == Call.pbx_id),
        Join(CallCheck, CallCheck.call_id == Call.id),
    ),
    columns=(
        Column("direction", Call.direction, T("Direction"), kind="channel", choices=_DIRECTIONS, phone="channel"),
        Column("at", Call.started_at, T("Began"), kind="moment", link="card", phone="time"),
        Column(
            "client",
            Call.phone,
            T("Client"),
            kind="phone",
            extra=(Call.direction,),
            draw=_clients,
            second=case((_UNNAMED | _SAID, literal("")), else_=InboundContact.client_text),
            second_label=T("Contact"),
            phone="who",
        ),
        Column("line", _CALLED, T("Called number"), kind="phone", second=Line.title, second_label=T("Line")),
        Column("result", Call.disposition, T("Result"), kind="state", choices=_RESULTS, phone="flags"),
        Column("loss", Call.loss_reason, T("Why it was lost"), kind="choice", choices=_REASONS, phone="goal"),
        Column("wait", Call.wait_ms // 1000, T("Wait"), kind="timer"),
        Column("talk", Call.talk_ms // 1000, T("Talk"), kind="timer"),
        Column("employee", shown_name, T("Employee"), kind="person", narrow=False),
        Column(
            "contact",
            InboundContact.number,
            T("Inbound contact"),
            kind="code",
            link=Link("contacts.contact", InboundContact.id),
            narrow=False,
        ),
        Column(
            "registered", Call.contact_state, T("Is there a contact?"), kind="state", choices=_CONTACTS, shown=False
        ),
        Column("problem", Call.contact_problem, T("Why there is none"), draw=_problems, shown=False, sortable=False),
        Column(
            "recording",
            panels.FIRST,
            T("Recording"),
            draw=panels.players,
            sortable=False,
            narrow=False,
            right=LISTEN,
        ),
        Column("checked", CallCheck.verdict, T("Data checked"), kind="state", choices=_VERDICTS, shown=False),
        Column("reached_at", Call.reached_at, T("Client reached"), kind="moment", shown=False),
        Column("reached_after", Call.reached_ms // 1000, T("Client reached after"), kind="timer", shown=False),
        Column("out_of_hours", Call.out_of_hours, T("Outside working hours"), kind="bool", shown=False),
        Column("menu_wait", Call.menu_ms // 1000, T("In the voice menu"), kind="timer", shown=False),
        Column("queue_wait", Call.queue_ms // 1000, T("In a queue"), kind="timer", shown=False),
        Column("ring_wait", Call.ring_ms // 1000, T("Ringing"), kind="timer", shown=False),
        Column("pbx", Pbx.name, T("Exchange"), shown=False),
        Column("linkedid", Call.linkedid, T("Name in the exchange"), kind="code", shown=False),
    ),
    filters=(
        PeriodFilter("period", T("Period"), Call.started_at),
        ChoiceFilter("direction", T("Direction"), Call.direction, _DIRECTIONS),
        ChoiceFilter("result", T("Result"), Call.disposition, _RESULTS),
        ChoiceFilter("loss", T("Why it was lost"), Call.loss_reason, _REASONS),
        PersonFilter("employee", T("Employee"), Call.employee_id),
        LookupFilter("line", T("Line"), Call.line_id, Line, Line.title),
        LookupFilter("branch", T("Branch"), Call.branch_id, Branch, InLanguage(Branch.title_ru, Branch.title_en)),
        FlagFilter("unreached", T("Nobody has called back"), _UNREACHED),
        FlagFilter("unregistered", T("Without a contact"), Call.contact_state == WAITING),
        FlagFilter("by_hand", T("Registered by hand"), Call.contact_by_hand),
        FlagFilter("out_of_hours", T("Outside working hours"), Call.out_of_hours),
        FlagFilter("recorded", T("With a recording"), panels.FIRST.is_not(None), right=LISTEN),
        ChoiceFilter("checked", T("Data checked"), CallCheck.verdict, _VERDICTS),
    ),
    actions=(Action("missed", T("Missed calls: report"), "telephony.missed", "telephony.call.read", icon="chart-bar"),),
    unless_asked={"direction": Call.direction != "internal"},
    search=Call.search_key,
    order=("-at",),
    groupings=(
        Grouping("loss", T("Why it was lost"), Call.loss_reason, choices=_REASONS, totals=(wait,), empty=T("not lost")),
        Grouping("result", T("Result"), Call.disposition, choices=_RESULTS, totals=(wait,)),
        Grouping("employee", T("Employee"), Call.employee_id, title=shown_name, totals=(lost, wait)),
        Grouping("line", T("Line"), Call.line_id, title=Line.title, totals=(lost, wait), empty=T("no line")),
    ),
    ready=(
        ReadyFilter("unreached", T("Missed, to call back"), {"unreached": "1"}, tone="bad"),
        ReadyFilter("mine", T("Mine"), {"employee": "me"}),
        ReadyFilter("missed", T("Missed calls"), {"result": MISSED}),
        ReadyFilter("unregistered", T("Without a contact"), {"unregistered": "1"}),
    ),
    views=(
        View(
            "statistics",
            figures.TITLE,
            "chart-bar",
            "telephony/statistics.html",
            figures.load,
            right=REPORT,
            table=figures.table,
        ),
        View(
            "check",
            T("Calls and contacts"),
            "checklist",
            "telephony/check.html",
            reconciling.load,
            right=REPORT,
            table=reconciling.table,
        ),
    ),
    sections=(
        Section(
            T("Call"),
            (
                Field("direction", T("Direction"), choices=_DIRECTIONS),
                Field("phone", T("Client"), kind="phone"),
                Field("contact_id", T("Inbound contact"), lookup=_CONTACT),
                Field("did", T("Called number"), written=_called),
                Field("line_id", T("Line"), lookup=_LINE),
                Field("employee_id", T("Employee"), lookup=_EMPLOYEE),
                Field("disposition", T("Result"), choices=_RESULTS),
                Field("loss_reason", T("Why it was lost"), choices=_REASONS),
                Field("started_at", T("Began")),
                Field("answered_at", T("Answered")),
                Field("ended_at", T("Hung up")),
                Field("reached_at", T("Client reached")),
                Field("out_of_hours", T("Outside working hours")),
            ),
        ),
    ),
    allow=frozenset(),
    named=_named,
)

LINES = Screen(
    key="telephony.lines",
    model=Line,
    thing="telephony.pbx",
    path="/telephony/lines",
    title=T("Lines"),
    one=T("Line"),
    icon="phone-calling",
    menu="directories",
    directory=True,
    joins=(Join(ContactGoal, ContactGoal.id == Line.goal_id),),
    columns=(
        Column("number", Line.number, T("Number"), kind="phone", link="card", phone="who"),
        Column("title", Line.title, T("Title"), phone="goal"),
        Column("goal", InLanguage(ContactGoal.purpose_ru, ContactGoal.purpose_en), T("Goal"), sortable=False),
        Column("active", Line.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), Line.active),),
    order=("title",),
    sections=(
        Section(
            T("Line"),
            (
                Field("number", T("Number"), kind="phone", longest=20, fault=lines.fault),
                Field("title", T("Title")),
                Field("goal_id", T("Goal of calls"), lookup=lines.GOALS, hint=T("None: the goal of the settings.")),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=lines.create,
    change=lines.change,
)


EXCHANGES = Screen(
    key="telephony.exchanges",
    model=Pbx,
    thing="telephony.pbx",
    path="/telephony/exchanges",
    title=T("Telephone exchanges"),
    one=T("Telephone exchange"),
    icon="server",
    menu="directories",
    directory=True,
    joins=(Join(LinkRow, LinkRow.pbx_id == Pbx.id),),
    columns=(
        Column("name", Pbx.name, T("Title"), link="card", phone="who"),
        Column("host", Pbx.host, T("Host"), kind="code", phone="goal"),
        Column("state", LinkRow.state, T("State"), kind="state", choices=_LINKS, phone="flags", sortable=False),
        Column("since", LinkRow.since, T("In this state since"), kind="moment", phone="time"),
        Column("problem", LinkRow.problem, T("Problem"), sortable=False),
        Column("heard_at", LinkRow.heard_at, T("Everything is known until"), kind="moment"),
        Column("gap_since", LinkRow.gap_since, T("Calls may be missing since"), kind="moment", shown=False),
        Column("gap", LinkRow.gap_problem, T("Why they may be missing"), kind="choice", choices=_GAPS, shown=False),
        Column("release", LinkRow.release, T("Version"), kind="code", shown=False),
        Column("active", Pbx.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), Pbx.active),),
    order=("name",),
    sections=(
        Section(
            T("Telephone exchange"),
            (
                Field("name", T("Title")),
                Field("adapter", T("Kind"), choices=(), required=True, default=exchanges.ASTERISK),
                Field("host", T("Host"), hint=T("Where its manager interface (AMI) listens: a name or an address.")),
                Field("port", T("Port"), kind="year", minimum=1, maximum=65_535, default=5038),  # a name, no amount
                Field(
                    "account",
                    T("User name"),
                    hint=T("A user of manager.conf: read = call,agent,reporting, write = reporting,call,originate."),
                ),
                Field(
                    "log",
                    T("Its log (CEL)"),
                    longest=300,
                    hint=T("The folder of its logs as this server sees it: /var/log/asterisk, or where it is mounted."),
                    wide=True,
                ),
                Field(
                    "trunks",
                    T("Endpoints of providers, one a line"),
                    hint=T("Only where a short number is a provider’s line."),
                    wide=True,
                ),
                Field(
                    "phones",
                    T("Endpoints of phones, one a line"),
                    hint=T("Only where a phone has no short number."),
                    wide=True,
                ),
                Field(
                    "extensions",
                    T("Extensions of this exchange, one a line"),
                    hint=T(
                        "Only with several exchanges: 101, or 2XX for 200 to 299; groups too. Calls are ordered here for them."
                    ),
                    wide=True,
                    fault=exchanges.extensions_fault,
                ),
                Field(
                    "recordings",
                    T("Recordings"),
                    hint=T("A folder of this machine, or an address: https://pbx.example/monitor"),
                    fault=places.fault,
                    wide=True,
                ),
                Field(
                    "recordings_account",
                    T("User name for recordings"),
                    hint=T("Only where the address asks for one."),
                ),
                Field(
                    "context",
                    T("Context for calls and transfers"),
                    hint=T("Of the dialplan: from-internal in FreePBX."),
                    default="from-internal",
                    fault=exchanges.word_fault,
                ),
                Field(
                    "technology",
                    T("Phones are reached by"),
                    choices=tuple(Choice(each, each) for each in ("PJSIP", "SIP", "Local")),
                    default="PJSIP",
                ),
                Field("dialled_as", T("Numbers of clients are dialled as"), choices=_DIALLED, default="eight"),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=exchanges.create,
    change=exchanges.change,
    allow=frozenset({"create", "change"}),
)


def screens(hooks: Hooks) -> list[Screen]:
    """Every generated screen of telephony, with the kinds of exchanges of other addons."""
    kinds = tuple(Choice(each.code, each.title) for each in adapters(hooks).values())
    return [CALLS, LINES, with_choices(EXCHANGES, adapter=kinds)]
