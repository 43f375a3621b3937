"""Steps that ask something first: a dialog over the card, or a page of its own without scripts and after a refusal."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from addons.delivery.models import DeliveryOrder
from addons.delivery.services.orders import THING, get_order
from core import (
    Conflict,
    Invalid,
    Page,
    Refusal,
    Request,
    T,
    drop_draft,
    expect_reach,
    load_draft,
    number_of,
    redirect,
)


@dataclass(frozen=True, slots=True)
class Box:
    """One field of a step. ``kind``: ``text``, ``area``, ``number``, ``moment``, ``select``, ``flag`` or ``hidden``.

    ``choices`` are values with their words in the person's language.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    required: bool = False
    hint: str = ""
    longest: int = 300

    def fault(self, sent: str) -> str:
        """The msgid of why this cannot be an answer, empty where it can; what was chosen before may stay chosen."""
        if self.kind == "select" and sent not in ("", self.value, *(value for value, _ in self.choices)):
            return T("Choose one of the list.")
        return T("This is too long.") if len(sent.replace("\r\n", "\n").strip()) > self.longest else ""


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked about an order, and what is done with the answer.

    :param boxes: the fields, for an order as it stands.
    :param run: does it; raises ``Invalid`` with the names of the boxes.
    :param action: the right it needs, without the thing.
    """

    name: str
    title: str
    button: str
    boxes: Callable[[Request, DeliveryOrder], Sequence[Box]]
    run: Callable[[Request, DeliveryOrder], object]
    action: str = "change"
    template: str = "ask_form"
    more: Callable[[Request, DeliveryOrder], Mapping[str, Any]] = field(
        default=lambda _request, _order: {"closed": False}
    )

    def show(self, request: Request, record_id: int) -> Response:
        """The form, with what was typed into it before."""
        order = get_order(request.session, record_id)
        return self._form(request, order, load_draft(request.session, self._draft_key(request, order)) or {})

    def do(self, request: Request, record_id: int) -> Response:
        """The answer; sent twice, the form gives the first result (SEC-48)."""
        order = get_order(request.session, record_id)
        try:
            self._expect_answers(request, order)
            self.run(request, order)
        except (Invalid, Conflict) as refusal:
            request.session.rollback()
            return self._form(request, get_order(request.session, record_id), request.form, refusal)
        drop_draft(request.session, self._draft_key(request, order))
        return redirect(card_of(request, record_id))

    def _expect_answers(self, request: Request, order: DeliveryOrder) -> None:
        sent = {box.name: box.fault(request.form.get(box.name, "")) for box in self.boxes(request, order)}
        if wrong := {name: [fault] for name, fault in sent.items() if fault}:
            raise Invalid(wrong)

    def _form(
        self, request: Request, order: DeliveryOrder, entered: Mapping[str, Any], refusal: Refusal | None = None
    ) -> Response:
        expect_reach(request.session, order, f"{THING}.{self.action}")
        errors = refusal.errors if isinstance(refusal, Invalid) else {}
        boxes = list(self.boxes(request, order))
        shown = {box.name for box in boxes}
        said = [request.translate(text) for name, texts in errors.items() if name not in shown for text in texts]
        if refusal is not None and not errors:
            said.append(request.translate(refusal.message, **refusal.values))
        return request.render(
            "delivery/ask_dialog.html" if request.fragment else "delivery/ask.html",
            refusal.status if refusal is not None else 200,
            page=Page(
                request.translate(self.title), crumbs=((order.number, card_of(request, order.id)),), menu="delivery"
            ),
            step=self,
            record=order,
            boxes=boxes,
            entered={box.name: _entered(entered, box) for box in boxes},
            errors={name: [request.translate(text) for text in texts] for name, texts in errors.items()},
            said=said,
            once=request.form.get("once") or secrets.token_urlsafe(18),
            action=request.url(f"delivery.order_{self.name}_do", record_id=order.id, **part_of(request)),
            draft_key=self._draft_key(request, order),
            back_url=card_of(request, order.id),
            **self.more(request, order),
        )

    def _draft_key(self, request: Request, order: DeliveryOrder) -> str:
        return "/".join([f"delivery.{self.name}", str(order.id), *map(str, part_of(request).values())])


def part_of(request: Request) -> dict[str, Any]:
    """Which part of the order is meant, where the address names one: a line, a status."""
    line, to = number_of(request.args.get("part", "")), request.args.get("to", "")[:40]
    return ({"part": line} if line is not None else {}) | ({"to": to} if to else {})


def card_of(request: Request, record_id: int) -> str:
    """The address of an order's card."""
    return request.url("delivery.orders.card", record_id=record_id)


def words_of(request: Request, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Fixed words as choices in the person's language."""
    return [(code, request.translate(title)) for code, title in words.items()]


def _entered(entered: Mapping[str, Any], box: Box) -> str:
    return str(entered.get(box.name, "")) if box.name in entered and box.kind != "hidden" else box.value
