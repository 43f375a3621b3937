"""What is asked before a contact is passed on or ignored: a dialog over its card, or a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from addons.contacts.models import InboundContact
from addons.contacts.services import handling
from addons.contacts.services.goals import goals_for
from addons.contacts.services.powers import IGNORE, PASS_ON, expect_power
from addons.contacts.services.reception import staff_of
from core import Page, Request, T, load_draft, number_of


@dataclass(frozen=True, slots=True)
class Step:
    """A step that asks something first: its power, its words, the fields of its form, and what it chooses from."""

    name: str
    power: str
    title: str
    button: str
    kind: str
    fields: frozenset[str]
    choices: Callable[[Request, InboundContact, Mapping[str, str]], Mapping[str, Any]]
    """What can be chosen, and what is: of the contact and of what was entered."""


def _staff(request: Request, contact: InboundContact, entered: Mapping[str, str]) -> Mapping[str, Any]:
    session = request.session
    goals = goals_for(session, contact)
    wanted = goal_chosen(entered)
    goal_id = wanted if wanted in {goal.id for goal in goals} else contact.goal_id
    cause = handling.cause_of(session, contact)
    earlier = [cause.responsible_id] if cause is not None and cause.responsible_id else []
    staff = [each for each in staff_of(session, goal_id, earlier) if each.id != contact.responsible_id]
    receivers = [each.id for each in staff] + [None]  # nobody of them stands for all
    chosen = number_of(entered.get("responsible_id", ""))
    if "responsible_id" not in entered or chosen not in receivers:
        chosen = receivers[0]
    return {"goals": goals, "goal_id": goal_id, "staff": staff, "chosen": chosen}


def _reasons(request: Request, _contact: InboundContact, _entered: Mapping[str, str]) -> Mapping[str, Any]:
    return {"ignore_reasons": handling.ignore_reasons(request.session)}


TRANSFER = Step(
    "transfer",
    PASS_ON,
    T("Redirect to"),
    T("Redirect"),
    "primary",
    frozenset(("responsible_id", "goal_id", "remark")),
    _staff,
)
IGNORING = Step(
    "ignore",
    IGNORE,
    T("Why does this contact need no document?"),
    T("Ignore"),
    "bad",
    frozenset(("reason_id", "comment")),
    _reasons,
)


def transfer(request: Request, record_id: int) -> Response:
    """To whom a contact is passed on."""
    return _ask(request, record_id, TRANSFER)


def ignore(request: Request, record_id: int) -> Response:
    """Why a contact is ignored."""
    return _ask(request, record_id, IGNORING)


def goal_chosen(sent: Mapping[str, str]) -> int | None:
    """Another goal than the one that was there when the form was opened; nothing where that one was left.

    A goal that a colleague has corrected meanwhile stays so.
    """
    goal_id = number_of(sent.get("goal_id", ""))
    return goal_id if goal_id != number_of(sent.get("goal_was", "")) else None


def refused(request: Request, contact: InboundContact, errors: Mapping[str, Any]) -> dict[str, Any]:
    """The dialog that opens again with the card, where what was entered in it is wrong."""
    step = next((step for step in (TRANSFER, IGNORING) if step.fields & errors.keys()), None)
    return _form(request, contact, step, request.form) if step is not None else {"step": None}


def draft_key(contact_id: int, form: str) -> str:
    """Under which name the words of one of the card's forms are kept."""
    return f"contacts.contact/{contact_id}/{form}"


def _ask(request: Request, record_id: int, step: Step) -> Response:
    contact = handling.get_contact(request.session, record_id)
    expect_power(request.session, contact, step.power)
    card = request.url("contacts.contact", record_id=contact.id)
    entered = load_draft(request.session, draft_key(contact.id, step.name)) or {}
    if {"goal_id", "responsible_id"} & request.args.keys():  # chosen just now, and who is there is asked for
        entered = request.args.to_dict()
    return request.render(
        "contacts/step_dialog.html" if request.fragment else "contacts/step.html",
        page=Page(request.translate(step.title), crumbs=((contact.number, card),), menu="traffic"),
        contact=contact,
        card_url=card,
        entered=entered,
        errors={},
        **_form(request, contact, step, entered),
    )


def _form(request: Request, contact: InboundContact, step: Step, entered: Mapping[str, str]) -> dict[str, Any]:
    return {"step": step, "step_draft": draft_key(contact.id, step.name), **step.choices(request, contact, entered)}
