"""What the lists of contacts say beyond plain columns: goals in full, departments with their branch, kinds of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal, select

from addons.contacts.models import ContactGoal, Document
from addons.contacts.services.document_types import document_types
from addons.contacts.services.vocabulary import CHANNEL
from core.access.models import Branch, Department
from core.web.http import Request
from core.web.i18n import T
from core.web.listing.cells import Formats
from core.web.listing.filters import MAX_OPTIONS, Filter, LookupFilter, Option, bad_value
from core.web.listing.language import InLanguage
from core.web.listing.viewer import Viewer
from core.web.screens import Panel


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
        .limit(MAX_OPTIONS)
    )
    return {
        number: f"{viewer.translate(CHANNEL[channel].title)} · {where} · {what}"
        for number, channel, where, what in viewer.session.execute(statement)
    }


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
            raise bad_value(self.name)
        return Document.type.in_(values)

    def options(self, viewer: Viewer) -> list[Option]:
        """The kinds, in the order in which contacts become them."""
        return [Option(code, title) for code, title in document_kinds(viewer).items()]


def document_kinds(viewer: Viewer) -> dict[str, str]:
    """The titles of the kinds of documents by code."""
    known = document_types(viewer.session.hooks)
    return {code: viewer.translate(kind.title) for code, (_, kind) in known.items()}


def draw_kinds(codes: Sequence[str], formats: Formats) -> list[str]:
    """The kinds of a page's documents in words; of an addon that is off the code, which names it (X-12)."""
    titles: Mapping[str, str] = document_kinds(formats.viewer)
    return [titles.get(code, code) for code in codes]


def document_page(request: Request, document: Document) -> str:
    """Where a document is shown; nothing when its addon is off (X-12) or the person may not open such documents."""
    known = document_types(request.session.hooks).get(document.type)
    return request.open_url(known[1].endpoint, record_id=document.id) if known is not None else ""


def journal_panels(_request: Request, document: Document) -> list[Panel]:
    """The state of a document whose own page cannot be opened, on its card in the journal."""
    return [Panel("state", T("State"), "contacts/panel_document.html", lambda: {"document": document}, place="side")]
