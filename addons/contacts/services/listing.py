"""What the lists of contacts say beyond plain columns: goals in full, departments with their branch, kinds of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal, select

from addons.contacts.models import ContactGoal, Document
from addons.contacts.services.document_kinds import document_kinds, named_kind, reference
from addons.contacts.services.document_types import document_types
from addons.contacts.services.vocabulary import channels
from core import (
    Branch,
    Department,
    Filter,
    Formats,
    InLanguage,
    LookupFilter,
    Option,
    Panel,
    Request,
    T,
    User,
    Viewer,
    filters,
    shown_name,
)


def _with_branch(title: Any, branch: Any) -> Any:
    """A department's title with its branch, where there is more than one (S0-50)."""
    several = select(func.count(Branch.id)).scalar_subquery() > 1
    named = select(literal(" · ") + branch).where(Branch.id == Department.branch_id).scalar_subquery()
    return title + case((several, func.coalesce(named, "")), else_="")


DEPARTMENT_IN_BRANCH = InLanguage(
    _with_branch(Department.title_ru, Branch.title_ru), _with_branch(Department.title_en, Branch.title_en)
)


def goal_titles(viewer: Viewer, *conditions: SQLColumnExpression[bool]) -> dict[int, str]:
    """Goals in full, by id: «Звонок · Автосалон · Север · Покупка автомобиля» (S0-03), in the order of their lists."""
    russian = viewer.language == "ru"
    department = DEPARTMENT_IN_BRANCH.ru if russian else DEPARTMENT_IN_BRANCH.en
    purpose = ContactGoal.purpose_ru if russian else ContactGoal.purpose_en
    statement = (
        select(ContactGoal.id, ContactGoal.channel, department, purpose)
        .join(Department, Department.id == ContactGoal.department_id)
        .where(*conditions)
        .order_by(ContactGoal.channel, department, ContactGoal.position, purpose)
        .limit(filters.MAX_OPTIONS)
    )
    known = channels(viewer.session.hooks)
    return {
        number: f"{viewer.translate(known[channel].title)} · {where} · {what}"
        for number, channel, where, what in viewer.session.execute(statement)
    }


def colleagues(viewer: Viewer) -> dict[Any, str]:
    """What everybody is called, by number: who has registered what (S2-03)."""
    return dict(viewer.session.execute(select(User.id, shown_name)).all())


@dataclass(frozen=True, slots=True)
class GoalFilter(LookupFilter):
    """Contacts by goal; one purpose stands in several channels and departments, so each goal is named in full."""

    def _rows(self, viewer: Viewer, *conditions: SQLColumnExpression[bool]) -> list[Option]:
        return [Option(str(number), title) for number, title in goal_titles(viewer, *conditions).items()]


@dataclass(frozen=True, slots=True)
class DocumentKindFilter(Filter):
    """Documents by kind: those of the addons that run (S0-41)."""

    def condition(self, viewer: Viewer, values: Sequence[str]) -> ColumnElement[bool]:
        """The document is of one of the kinds."""
        if not set(values) <= document_kinds(viewer).keys():
            raise filters.bad_value(self.name)
        return Document.type.in_(values)

    def options(self, viewer: Viewer) -> list[Option]:
        """The kinds, in the order in which contacts become them."""
        return [Option(code, title) for code, title in document_kinds(viewer).items()]


def draw_kinds(codes: Sequence[str], formats: Formats) -> list[str]:
    """The kinds of a page's documents in words; of an addon that is off with words that say so (X-12)."""
    titles = {code: named_kind(formats.viewer.session, code) for code in set(codes)}
    return [titles[code] for code in codes]


def document_page(request: Request, document: Document) -> str:
    """Where a document is shown; nothing when its addon is off (X-12) or the person may not open such documents."""
    known = document_types(request.session.hooks).get(document.type)
    return request.open_url(known[1].endpoint, record_id=document.id) if known is not None else ""


def journal_panels(request: Request, document: Document) -> list[Panel]:
    """The state of a document whose own page cannot be opened, on its card in the journal."""

    def context() -> dict[str, Any]:
        is_off = document.type not in document_types(request.session.hooks)
        return {"document": document, "name": reference(request.session, document), "is_off": is_off}

    return [Panel("state", T("State"), "contacts/panel_document.html", context, place="side")]
