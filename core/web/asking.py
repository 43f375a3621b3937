"""Steps that ask something first: a dialog over the card, or a page of its own without scripts and after a refusal."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from werkzeug.wrappers import Response

from core.db.base import Record
from core.db.engine import WorkSession
from core.errors import Confirmation, Conflict, Invalid, Refusal
from core.web.forms import CONFIRMED
from core.web.http import Request, number_of, redirect
from core.web.i18n import T
from core.web.routing import Route
from core.web.shell import Page
from core.work.drafts import drop_draft, load_draft

LONGEST_WORD = 40


D = TypeVar("D", bound=Any)


class Kind(Protocol[D]):
    """The kind of records a step is about: how one is found, who may do what to it, how it is kept to oneself.

    ``thing`` is what its rights are of (``parking.pass``); its screen's key is the same in the plural.
    """

    @property
    def thing(self) -> str: ...

    def get(self, session: WorkSession, number: int, /) -> D:
        """A record the person may know of."""

    def expect(self, session: WorkSession, record: D, action: str, /) -> None:
        """Refuse what the person may not do to it."""

    def lock(self, session: WorkSession, record: D, /) -> None:
        """The record as it is now; nobody else changes it until this transaction ends."""


@dataclass(frozen=True, slots=True)
class Box:
    """One field of a step. ``kind``: ``text``, ``area``, ``number``, ``moment``, ``select``, ``flag``, ``checks`` or ``hidden``.

    ``value`` is what it begins with, and all that is hidden ever has; ``choices`` are values with their words in the
    person's language. What was chosen before may stay chosen: a ``value`` that is none of them is offered beside them, as
    it is stored; whoever knows words for it names it among the choices. ``apart`` are the seconds between two moments that
    are offered. ``when`` is another box and the values of it with which alone this one is asked: with any other it is
    neither shown nor sent, and where no script runs what is in it does not count.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    required: bool = False
    hint: str = ""
    longest: int = 300
    apart: int = 0
    when: tuple[str, Collection[str]] | None = None

    def asked(self, sent: Mapping[str, Any]) -> bool:
        """Whether it is asked, with what was sent for the others."""
        return self.when is None or sent.get(self.when[0], "") in self.when[1]

    @property
    def offered(self) -> dict[str, str]:
        """What a select offers, by its values: the choices, and what was chosen before."""
        choices = dict(self.choices)
        if self.value:
            choices.setdefault(self.value, self.value)
        return choices

    def fault(self, sent: str) -> str:
        """The msgid of why this cannot be an answer, empty where it can."""
        if self.kind == "select" and sent not in ("", *self.offered):
            return T("Choose one of the list.")
        return T("This is too long.") if len(sent.replace("\r\n", "\n").strip()) > self.longest else ""


@dataclass(frozen=True, slots=True)
class Step(Generic[D]):
    """What is asked, of which kind of record, and what is done with the answer.

    :param boxes: the fields, for a record as it stands.
    :param run: does it; raises ``Invalid`` with the names of the boxes.
    :param action: the right it needs, without the thing.
    :param part: which part of the record is meant, where the address names one: a line, a complaint. What a colleague
        has made of it meanwhile is shown beside what was typed, before either is lost.
    :param whole: the record itself is meant, in the same way.
    :param ways: answers that are proposed, a button each: the value of ``way`` that it sends, and what stands on it;
        ``ways_title`` is over them.
    :param along: words of the address that go on with the form: the state that is wanted.
    :param template: what draws the form; it includes ``screens/ask_boxes.html``.
    :param more: what that template needs besides; ``closed`` takes the button away.
    """

    name: str
    kind: Kind[D]
    title: str
    button: str
    boxes: Callable[[Request, D], Sequence[Box]]
    run: Callable[[Request, D], object]
    action: str = "change"
    look: str = "primary"
    note: Callable[[Request, D], str] = field(default=lambda _request, _record: "")
    part: Callable[[Request, D], Record | None] = field(default=lambda _request, _record: None)
    whole: bool = False
    ways: Callable[[Request, D], Sequence[tuple[str, str]]] = field(default=lambda _request, _record: ())
    ways_title: str = ""
    along: tuple[str, ...] = ()
    template: str = "screens/ask_form.html"
    more: Callable[[Request, D], Mapping[str, Any]] = field(default=lambda _request, _record: {})

    def routes(self, base: str, word: str) -> list[Route]:
        """Its form and what that sends.

        :param base: the address of a record: ``/parking/passes/<int:record_id>``.
        :param word: what comes before its name in the endpoints: ``pass``.
        """
        path, right = f"{base}/{self.name.replace('_', '-')}", f"{self.kind.thing}.{self.action}"
        menu = self.kind.thing.partition(".")[0]
        return [
            Route(path, f"{word}_{self.name}", self.show, right=right, menu=menu),
            Route(path, f"{word}_{self.name}_do", self.do, ("POST",), right=right, menu=menu),
        ]

    def show(self, request: Request, record_id: int) -> Response:
        """The form, with what was typed into it before."""
        record = self.kind.get(request.session, record_id)
        return self._form(request, record, load_draft(request.session, self._draft_key(request, record_id)))

    def do(self, request: Request, record_id: int) -> Response:
        """The answer; sent twice, the form gives the first result (SEC-48)."""
        record = self.kind.get(request.session, record_id)
        try:
            self._expect_unchanged(request, record)
            self._expect_answers(request, record)
            self.run(request, record)
        except (Invalid, Conflict, Confirmation) as refusal:
            request.session.rollback()
            return self._form(request, self.kind.get(request.session, record_id), request.form, refusal)
        drop_draft(request.session, self._draft_key(request, record_id))
        return redirect(self._card(request, record_id))

    def _expect_answers(self, request: Request, record: D) -> None:
        """Whatever was sent could have been typed into the form."""
        sent = request.form
        asked = [box for box in self.boxes(request, record) if box.asked(sent)]
        if wrong := {box.name: [fault] for box in asked if (fault := box.fault(sent.get(box.name, "")))}:
            raise Invalid(wrong)

    def _expect_unchanged(self, request: Request, record: D) -> None:
        """Two people may write at one part: the second one sees what the first has made of it, and decides."""
        if not self.whole and not request.args.get("part"):
            return
        self.kind.lock(request.session, record)
        seen = self._seen(request, record)
        if seen is None:
            raise Invalid({}, "A colleague has removed this meanwhile. Saved again, it is written down anew.")
        if request.form.get("version", str(seen.version)) != str(seen.version):
            raise Invalid(self._theirs(request, record), "A colleague has changed this meanwhile. Save what is right.")

    def _seen(self, request: Request, record: D) -> Record | None:
        """What is changed, and so must be as it was shown; nothing where something is added."""
        return record if self.whole else self.part(request, record)

    def _theirs(self, request: Request, record: D) -> dict[str, list[str]]:
        """What a colleague's version says at each field where it differs from what was sent."""
        now = {box.name: (box.value, box.offered.get(box.value, box.value)) for box in self.boxes(request, record)}
        differing = {name: words for name, (value, words) in now.items() if request.form.get(name, "") != value}
        return {name: [request.translate(T("Now: %(value)s"), value=words or "—")] for name, words in differing.items()}

    def _form(
        self, request: Request, record: D, entered: Mapping[str, Any] | None, refusal: Refusal | None = None
    ) -> Response:
        self.kind.expect(request.session, record, self.action)
        errors = refusal.errors if isinstance(refusal, Invalid) else {}
        part, seen = self.part(request, record), self._seen(request, record)
        boxes = list(self.boxes(request, record))
        return request.render(
            "screens/ask_dialog.html" if request.fragment else "screens/ask.html",
            refusal.status if refusal is not None else 200,
            page=Page(
                request.translate(self.title),
                crumbs=((record.number, self._card(request, record.id)),),
                menu=self.kind.thing.partition(".")[0],
            ),
            step=self,
            record=record,
            boxes=boxes,
            note=self.note(request, record),
            ways=self.ways(request, record),
            entered={box.name: _entered(entered, box) for box in boxes},
            ticked=_ticked(entered),
            errors={name: [request.translate(text) for text in texts] for name, texts in errors.items()},
            said=_said(request, refusal, {box.name for box in boxes}),
            asked=refusal if isinstance(refusal, Confirmation) else None,
            once=request.form.get("once") or secrets.token_urlsafe(18),
            version=seen.version if seen is not None else "",
            action=request.url(
                f"{self.kind.thing}_{self.name}_do",
                record_id=record.id,
                **({"part": part.id} if part is not None else {}),
                **self._carried(request),
            ),
            draft_key=self._draft_key(request, record.id),
            back_url=self._card(request, record.id),
            **self.more(request, record),
        )

    def _carried(self, request: Request) -> dict[str, str]:
        return {name: request.args[name][:LONGEST_WORD] for name in self.along if request.args.get(name)}

    def _card(self, request: Request, record_id: int) -> str:
        return request.url(f"{self.kind.thing}s.card", record_id=record_id)

    def _draft_key(self, request: Request, record_id: int) -> str:
        part = number_of(request.args.get("part", ""))
        parts = [] if part is None else [str(part)]
        return "/".join([f"{self.kind.thing}.{self.name}", str(record_id), *parts, *self._carried(request).values()])


def _said(request: Request, refusal: Refusal | None, shown: set[str]) -> list[str]:
    """What stands above the fields: the refusal itself, and what it says of fields that are not there."""
    if refusal is None or isinstance(refusal, Confirmation):
        return []
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    rest = [request.translate(text) for name, texts in errors.items() if name not in shown for text in texts]
    return [request.translate(refusal.message, **refusal.values), *rest]


def _entered(entered: Mapping[str, Any] | None, box: Box) -> str:
    """What stands in a box: what was typed, else what it begins with. Of a flag that nobody ticked nothing is sent."""
    if entered is None or box.kind == "hidden" or (box.name not in entered and box.kind != "flag"):
        return box.value
    return str(entered.get(box.name, ""))


def _ticked(entered: Mapping[str, Any] | None) -> set[str]:
    entered = entered or {}
    many = entered.getlist("checked") if hasattr(entered, "getlist") else entered.get("checked", [])
    return set(many if isinstance(many, list) else [many])


def confirmed(request: Request) -> list[str]:
    """The doubts that were looked at."""
    return request.form.get(CONFIRMED, "").split()


def words_of(request: Request, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Fixed words as choices in the person's language."""
    return [(code, request.translate(title)) for code, title in words.items()]
