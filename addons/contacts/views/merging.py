"""Merging two records of one client: side by side, what moves, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from addons.contacts.models import Customer, LeadSource
from addons.contacts.screens import LEGAL_FORM_CHOICES, RELATION_CHOICES
from addons.contacts.services import merging
from addons.contacts.services.customers import SET_VIP, phones_of
from addons.contacts.services.merging import BOTH, GONE, KEPT, Comparison, Moving
from addons.contacts.services.vehicles import plate_text, vehicles_of
from core import (
    Branch,
    Choice,
    Invalid,
    Page,
    Panel,
    Record,
    Request,
    T,
    WorkSession,
    addon_of_table,
    addon_title,
    format_phone,
    names_of,
    number_of,
    redirect,
)

TABLES = {
    "contacts_phone": T("Phones"),
    "contacts_vehicle": T("Vehicles"),
    "contacts_inbound_contact": T("Contacts"),
    "contacts_document": T("Documents"),
    "contacts_consent": T("Consents"),
    "contacts_customer": T("Clients merged before"),
    "core_task": T("Tasks"),
    "core_notification": T("Notifications"),
    "core_file": T("Files"),
    "core_timeline_subject": T("Notes and events"),
}
"""What people call the tables whose rows move; those of other addons are named after their addon."""

FIELDS = {
    "legal_form": T("Group"),
    "last_name": T("Surname or short legal name"),
    "first_name": T("First name or contact person"),
    "middle_name": T("Middle name"),
    "relation": T("Relation"),
    "main_phone": T("Main phone"),
    "email": T("E-mail"),
    "vip": T("VIP"),
    "responsible_id": T("Responsible"),
    "branch_id": T("Branch"),
    "lead_source_id": T("Lead source"),
    "note": T("Note"),
}


def choose(request: Request) -> Response:
    """Two clients selected in the list."""
    ids = list(dict.fromkeys(request.form.getlist("id")))
    if len(ids) != 2:
        raise Invalid({"id": []}, T("Select exactly two clients to merge them."))
    return redirect(request.url("contacts.merge", id=ids))


def compare(request: Request) -> Response:
    """Both records side by side."""
    first, second = _two(request.args.getlist("id"))
    # The record that has been there longer stays, unless somebody says otherwise.
    kept_id = number_of(request.args.get("keep", "")) or min(first, second)
    if kept_id not in (first, second):
        raise BadRequest
    return _page(request, kept_id, second if kept_id == first else first)


def _two(texts: Sequence[str]) -> tuple[int, int]:
    numbers = [number_of(text) for text in texts]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        raise BadRequest
    return numbers[0], numbers[1]


def merge(request: Request) -> Response:
    """Make one of them; what cannot be is said on the page."""
    first, second = _two(request.form.getlist("id"))
    kept_id = number_of(request.form.get("keep", ""))
    if kept_id not in (first, second):
        raise BadRequest
    gone_id = second if kept_id == first else first
    sides = {str(kept_id): KEPT, str(gone_id): GONE, BOTH: BOTH}
    sent = {name: request.form.get(f"field.{name}", "") for name in merging.CHOICES}
    choices = {name: sides[value] for name, value in sent.items() if value in sides}
    try:
        done = merging.merge(request.session, kept_id, gone_id, choices)
    except Invalid as refusal:
        request.session.rollback()
        return _page(request, kept_id, gone_id, refusal, sent)
    return redirect(request.url("contacts.merge_done", merge_id=done.id))


def _page(
    request: Request,
    kept_id: int,
    gone_id: int,
    refusal: Invalid | None = None,
    sent: Mapping[str, str] | None = None,
) -> Response:
    found = merging.compare(request.session, kept_id, gone_id)
    errors = refusal.errors if refusal is not None else {}
    return request.render(
        "contacts/merge.html",
        refusal.status if refusal is not None else 200,
        page=_frame(request, T("Merge clients")),
        sides=[_side(request, each) for each in sorted((found.kept, found.gone), key=lambda each: each.id)],
        kept=found.kept,
        rows=_rows(request, found, sent or {}),
        moving=_words(request, found.moving),
        gone=found.gone,
        both=BOTH,
        days=merging.undo_days(request.session),
        errors={name: [request.translate(text) for text in texts] for name, texts in errors.items()},
        message=request.translate(refusal.message, **refusal.values) if refusal is not None else "",
    )


def _frame(request: Request, title: str) -> Page:
    crumbs = ((request.translate(T("Clients")), request.url("contacts.clients")),)
    return Page(request.translate(title), crumbs=crumbs, menu="clients")


def _side(request: Request, customer: Customer) -> dict[str, Any]:
    session = request.session
    cars = [f"{car.title} {plate_text(car.plate)}".strip() for car in vehicles_of(session, customer.id)]
    phones = [format_phone(phone.e164) for phone in phones_of(session, customer.id)]
    return {"customer": customer, "phones": phones, "cars": cars}


def _rows(request: Request, found: Comparison, sent: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields that differ: both values in words in the order of the sides, and which is chosen."""
    ids = {KEPT: str(found.kept.id), GONE: str(found.gone.id), BOTH: BOTH}
    shown = _shown(request, (found.kept, found.gone))
    rows = []
    for each in found.differences:
        if each.name == "vip" and not request.access.may(SET_VIP):
            continue  # whoever is VIP on one record stays VIP: nothing to be decided here
        values = {found.kept.id: shown(each.name, each.kept), found.gone.id: shown(each.name, each.gone)}
        rows.append(
            {
                "name": each.name,
                "label": request.translate(FIELDS[each.name]),
                "options": [(str(number), values[number]) for number in sorted(values)],
                "chosen": sent.get(each.name) or ids[each.proposed],
                "may_be_both": each.may_be_both,
            }
        )
    return rows


def _shown(request: Request, customers: Iterable[Customer]) -> Any:
    session, translate = request.session, request.translate
    people = names_of(session, [each.responsible_id for each in customers])
    sources = {row.id: row for row in session.execute(select(LeadSource.id, LeadSource.title_ru, LeadSource.title_en))}
    branches = {row.id: row for row in session.execute(select(Branch.id, Branch.title_ru, Branch.title_en))}

    def titled(rows: Mapping[int, Any], number: Any) -> str:
        return str(getattr(rows[number], f"title_{translate.language}")) if number in rows else ""

    def word(choices: Iterable[Choice], value: Any) -> str:
        return next((translate(each.label) for each in choices if each.value == value), "")

    ways = {
        "legal_form": lambda value: word(LEGAL_FORM_CHOICES, value),
        "relation": lambda value: word(RELATION_CHOICES, value),
        "main_phone": lambda value: format_phone(value) if value else "",
        "vip": lambda value: translate(T("Yes") if value else T("No")),
        "responsible_id": lambda value: people.get(value, ""),
        "branch_id": lambda value: titled(branches, value),
        "lead_source_id": lambda value: titled(sources, value),
    }
    return lambda name, value: ways[name](value) if name in ways else value


def _words(request: Request, moving: Sequence[Moving]) -> list[tuple[str, int]]:
    """How many rows of what, in words; the tables of another addon count together under its title."""
    counts: dict[str, int] = {}
    for each in moving:
        addon = addon_of_table(each.table)
        # Of another addon one sees no more than that it is concerned.
        known = TABLES.get(each.table) or (request.app.words.thing(each.table) if addon == "core" else "")
        word = request.translate(known) if known else addon_title(request, addon)
        counts[word] = counts.get(word, 0) + each.rows
    return list(counts.items())


# --- afterwards ---------------------------------------------------------------------------------


def done(request: Request, merge_id: int) -> Response:
    """What a merge has moved, and the button that undoes it."""
    session = request.session
    found = merging.get_merge(session, merge_id)
    return request.render(
        "contacts/merge_done.html",
        page=_frame(request, T("Merged clients")),
        merge=found,
        name=session.get_one(Customer, found.kept_id).name,
        moved=_words(request, merging.moved_rows(session, found)),
        stayed=_words(request, merging.stayed_rows(session, found)),
        can_undo=merging.can_undo(session, found),
        days=merging.undo_days(session),
    )


def undo(request: Request, merge_id: int) -> Response:
    """Take the two apart again."""
    found = merging.undo(request.session, merge_id)
    return redirect(request.url("contacts.merge_done", merge_id=found.id))


def panels(session: WorkSession, subject: Record) -> list[Panel]:
    """What was merged into a client and can still be undone, on his card."""
    if not isinstance(subject, Customer):
        return []

    def load(found: Sequence[Any]) -> Mapping[str, Any] | None:
        recent = merging.recent(session, found)
        return {"merges": recent} if recent else None

    reads = {"found": merging.merges_read(subject.id)}
    return [
        Panel(
            "merges",
            T("Merged records"),
            "contacts/merge_panel.html",
            load,
            order=70,
            place="side",
            right=merging.RIGHT,
            reads=reads,
        )
    ]
