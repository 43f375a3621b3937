"""The numbers of auto-dial, and what is never dialled: whoever fills in a form must not make us call where it is dear (SEC-43)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from addons.contacts.models import Customer, InboundContact
from addons.telephony.models import Campaign, Pbx
from addons.telephony.services import exchanges
from addons.telephony.services.link.adapters import ORIGINATE
from addons.telephony.services.numbers import costs_extra
from addons.telephony.services.vocabulary import CLOSED, REFUSED
from core import Setting, T, User, WorkSession, calendar_of, parse_phone, settings

_GROUP = T("Calls for site requests")


def _number(name: str, default: int, title: str, lowest: int, highest: int) -> Setting[int]:
    return Setting(f"telephony.dial_{name}", int, default, title=title, group=_GROUP, minimum=lowest, maximum=highest)


def _text(name: str, default: str, title: str) -> Setting[str]:
    return Setting(f"telephony.dial_{name}", str, default, title=title, group=_GROUP, maximum=60)


def _prefixes(name: str, default: list[str], title: str) -> Setting[list[str]]:
    return Setting(f"telephony.dial_{name}", list[str], default, title=title, group=_GROUP, maximum=100)


GROUP = _text("group", "600", T("Number of the group that rings; empty: nobody is called"))
RING_CONTEXT = _text("ring_context", "callback-group", T("Context of the exchange through which its phones ring"))
CLIENT_CONTEXT = _text("client_context", "callback", T("Context that plays the announcement and calls the client"))
RESPONSIBLE_SECONDS = _number("responsible_seconds", 30, T("Seconds that the responsible's phone rings"), 5, 300)
GROUP_SECONDS = _number("group_seconds", 30, T("Seconds that the group rings"), 5, 300)
PAUSE_SECONDS = _number("pause_seconds", 30, T("Seconds between two rings of the group"), 0, 600)
ATTEMPTS = _number("attempts", 3, T("How often the group rings"), 1, 10)
AGAIN_MINUTES = _number("again_minutes", 10, T("Minutes in which a number is called once at most"), 0, 24 * 60)
PER_DAY = _number("per_day", 3, T("Calls to one number in 24 hours at most"), 1, 100)
BUDGET = _number("budget", 200, T("Calls for one site in 24 hours at most"), 1, 100_000)
COUNTRIES = _prefixes("countries", [], T("Codes of other countries that may be called, such as +375"))
NEVER = _prefixes("never", ["+7803", "+7809"], T("Beginnings of numbers that are never called"))

SETTINGS: tuple[Setting[Any], ...] = (
    GROUP,
    RING_CONTEXT,
    CLIENT_CONTEXT,
    RESPONSIBLE_SECONDS,
    GROUP_SECONDS,
    PAUSE_SECONDS,
    ATTEMPTS,
    AGAIN_MINUTES,
    PER_DAY,
    BUDGET,
    COUNTRIES,
    NEVER,
)

NO_EXCHANGE = T("No telephone exchange is linked, or no group is set.")
NO_NUMBER = T("The client has left no number that can be called.")
FOREIGN = T("Numbers of this country are not called.")
DEAR = T("Such numbers are never called.")
TOO_SOON = T("This number was called a moment ago.")
TOO_OFTEN = T("This number was called often enough today.")
SPENT = T("The calls for this site are used up for today.")
OUT_OF_HOURS = T("Outside working hours nobody is called.")
DAY = timedelta(hours=24)


def exchange(session: WorkSession) -> int | None:
    """The exchange of the group, locked: of two requests at once the second sees what the first has used up."""
    found = exchanges.of_phone(session, settings.read(session, GROUP), ORIGINATE)
    return session.scalar(select(Pbx.id).where(Pbx.id == found.id).with_for_update()) if found is not None else None


def refusal(session: WorkSession, contact: InboundContact, source: str, pbx_id: int | None) -> tuple[str, str] | None:
    """Why nobody is called for a request: the state that its campaign has then, and the reason; nothing when all is well."""
    if pbx_id is None or not settings.read(session, GROUP):
        return REFUSED, NO_EXCHANGE
    never = _number_refusal(session, contact.phone)
    if never:
        return REFUSED, never
    if not is_open(session, contact):
        return CLOSED, OUT_OF_HOURS
    used_up = _used_up(session, contact.phone, source)
    return (REFUSED, used_up) if used_up else None


def is_open(session: WorkSession, contact: InboundContact) -> bool:
    """Whether the department of the contact works now (S1-36)."""
    return calendar_of(session, contact.department_id).is_open(session.now())


def _number_refusal(session: WorkSession, number: str) -> str:
    phone = parse_phone(number) if number else None
    if phone is None or phone.e164 != number:
        return NO_NUMBER
    if phone.foreign and not _begins(number, settings.read(session, COUNTRIES)):
        return FOREIGN
    return DEAR if costs_extra(number) or _begins(number, settings.read(session, NEVER)) else ""


def _begins(number: str, beginnings: list[str]) -> bool:
    return any(number.startswith(each.strip()) for each in beginnings if each.strip())


def _used_up(session: WorkSession, number: str, source: str) -> str:
    now, chosen = session.now(), settings.read_all(session, [AGAIN_MINUTES, PER_DAY, BUDGET])
    soon = now - timedelta(minutes=chosen[AGAIN_MINUTES.name])
    if _begun(session, soon, Campaign.phone == number):
        return TOO_SOON
    if _begun(session, now - DAY, Campaign.phone == number) >= chosen[PER_DAY.name]:
        return TOO_OFTEN
    return SPENT if _begun(session, now - DAY, Campaign.source == source) >= chosen[BUDGET.name] else ""


def _begun(session: WorkSession, since: datetime, whose: Any) -> int:
    """How many were begun since, those left out for which nobody was called."""
    called = (Campaign.began_at > since, Campaign.state.not_in((REFUSED, CLOSED)), whose)
    return session.scalar(select(func.count(Campaign.id)).where(*called)) or 0


def steps(session: WorkSession, contact: InboundContact) -> list[dict[str, Any]]:
    """Whose phones ring, and how long: who is responsible for the client, then the group again and again (S1-28…32, C-17).

    That of the responsible names his exchange, which need not be the group's.
    """
    chosen = settings.read_all(session, SETTINGS)
    own = _responsible(session, contact)
    there = exchanges.of_phone(session, own, ORIGINATE) if own else None
    seconds = chosen[RESPONSIBLE_SECONDS.name]
    first = [{"ring": own, "seconds": seconds, "pause": 0, "pbx": there.id}] if there is not None else []
    ring = {"ring": chosen[GROUP.name], "seconds": chosen[GROUP_SECONDS.name], "pause": chosen[PAUSE_SECONDS.name]}
    group = [dict(ring) for _ in range(chosen[ATTEMPTS.name])]
    group[-1]["pause"] = 0
    return [*first, *group]


def _responsible(session: WorkSession, contact: InboundContact) -> str:
    """The extension of who is responsible for the client, if he is known and has one."""
    his = (
        select(User.extension)
        .join(Customer, Customer.responsible_id == User.id)
        .where(Customer.id == contact.customer_id, User.active)
    )
    return (session.scalar(his) or "") if contact.customer_id is not None else ""
