"""The care for personal data: what is held of one person, erasing, acts, whom a leak affects (SEC-68…75)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from werkzeug.wrappers import Response

from core.access.models import User
from core.errors import Invalid, NotFound
from core.web.http import Request, html, number_of, redirect
from core.web.i18n import T
from core.web.local_time import local_day
from core.web.menu import MenuItem
from core.web.routing import Route
from core.web.shell import Page
from core.work.filestore import FileStore
from core.work.people import names_of
from core.work.personal_data import ERASE, EXPORT, READ, Declared, declared
from core.work.personal_erasure import Plan, erase, preview, reference_of
from core.work.personal_file import as_archive, subject_file
from core.work.personal_models import Erasure
from core.work.personal_retention import due_for_purge
from core.work.personal_terms import REASONS
from core.work.personal_watch import MANY_PEOPLE, affected, count_people
from core.work.subjects import Subject

SHOWN = 100
POST = ("POST",)
_WAYS = {"card": T("card opened"), "export": T("taken out in an export"), "change": T("changed")}


def routes() -> list[Route]:
    """The addresses of this page and what leads from it."""
    person = "/personal/<subject_type>/<int:record_id>"
    return [
        Route("/personal", "personal", show, right=READ, menu="personal"),
        Route("/personal/affected", "personal_affected", show_affected, POST, right=READ, menu="personal"),
        Route("/personal/acts/<int:record_id>", "personal_act", act, right=READ, menu="personal"),
        Route(person, "personal_person", show_person, right=READ, menu="personal"),
        Route(f"{person}/file", "personal_file", take_out, POST, right=EXPORT),
        Route(f"{person}/erase", "personal_erase", erase_person, POST, right=ERASE, menu="personal"),
    ]


def menu() -> MenuItem:
    """The item of the rail."""
    return MenuItem("personal", T("Privacy"), "shield-lock", "core.personal", READ, order=120, group="system")


def show(request: Request) -> Response:
    """How many people are held, the journal of erasures, what is due, and the question after a leak."""
    return _overview(request)


def _overview(request: Request, errors: Mapping[str, list[str]] | None = None, status: int = 200) -> Response:
    session = request.session
    number = count_people(session)
    acts = session.scalars(select(Erasure).order_by(Erasure.id.desc()).limit(SHOWN)).all()
    people = session.execute(select(User.id, User.full_name).order_by(User.full_name)).all()
    return request.render(
        "personal/index.html",
        status,
        page=Page(request.translate(T("Personal data")), menu="personal"),
        people=number,
        most=MANY_PEOPLE,
        acts=acts,
        reasons=REASONS,
        due=len(due_for_purge(session, session.now(), SHOWN)),
        accounts=people,
        entered=request.form,
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
    )


def show_person(request: Request, subject_type: str, record_id: int) -> Response:
    """What is held about one person: what an erasure would take, what it must leave and why."""
    return _person(request, Subject(subject_type, record_id))


def _person(
    request: Request, person: Subject, errors: Mapping[str, list[str]] | None = None, status: int = 200
) -> Response:
    plan = preview(request.session, person)
    conditions = (Erasure.subject_type == person.type, Erasure.subject_id == person.id)
    acts = request.session.scalars(select(Erasure).where(*conditions).order_by(Erasure.id.desc())).all()
    return request.render(
        "personal/person.html",
        status,
        page=_page(request, _reference(request, declared(request.session.hooks), person)),
        plan=plan,
        person=person,
        steps=[step for step in plan.steps if step.number],
        kept=_kept(plan),
        acts=acts,
        reasons=REASONS,
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
    )


def _page(request: Request, title: str) -> Page:
    crumbs = ((request.translate(T("Personal data")), request.url("core.personal")),)
    return Page(title, crumbs=crumbs, menu="personal")


def _reference(request: Request, known: Declared, person: Subject) -> str:
    """What the person is called on a screen: in the reader's language, unlike in papers."""
    return reference_of(request.session, known, person, request.translate.language)


def _kept(plan: Plan) -> list[tuple[str, str, datetime, int]]:
    """What stays, told once for each kind of value and law: title, law, latest end, number."""
    told: dict[tuple[str, str], tuple[datetime, int]] = {}
    for each in plan.kept:
        key = (str(each.title), str(each.law))
        until, number = told.get(key, (each.until, 0))
        told[key] = (max(until, each.until), number + 1)
    return [(title, law, until, number) for (title, law), (until, number) in told.items()]


def take_out(request: Request, subject_type: str, record_id: int) -> Response:
    """The subject file as a ZIP, in Russian, as it is handed to the person."""
    made = subject_file(request.session, Subject(subject_type, record_id))
    page = _in_russian(request, "personal/subject_file.html", file=made)
    # Packing scans takes long, and nobody else could write meanwhile.
    request.session.commit()
    response = Response(as_archive(made, page, _files(request)), content_type="application/zip")
    name = f"{subject_type}-{record_id}-{made.made_at:%Y-%m-%d}.zip"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def erase_person(request: Request, subject_type: str, record_id: int) -> Response:
    """Erase the person; the act follows."""
    person = Subject(subject_type, record_id)
    if request.form.get("sure") != "1":
        return _person(request, person, {"sure": [T("Confirm that this cannot be undone.")]}, 422)
    try:
        done = erase(request.session, person, request.form.get("reason", ""), _files(request))
    except Invalid as refusal:
        request.session.rollback()
        return _person(request, person, refusal.errors, refusal.status)
    return redirect(request.url("core.personal_act", record_id=done.id))


def act(request: Request, record_id: int) -> Response:
    """The act with the extract of the journal, for print; always in Russian, for it is shown to Roskomnadzor."""
    found = request.session.get(Erasure, record_id)
    if found is None:
        raise NotFound(T("There is no such act."))
    operator = found.operator or request.app.config.dealership
    return html(_in_russian(request, "personal/act.html", act=found, operator=operator, reasons=REASONS))


def show_affected(request: Request) -> Response:
    """Whom a leak affects: by account and period, or by exports alone."""
    try:
        since, until = _day(request, "since", time.min), _day(request, "until", time.max)
    except Invalid as refusal:
        return _overview(request, refusal.errors, refusal.status)
    user_id = number_of(request.form.get("account", ""))
    exports_only = request.form.get("exports") == "1"
    found = affected(request.session, since=since, until=until, user_id=user_id, exports_only=exports_only)
    known = declared(request.session.hooks)
    return request.render(
        "personal/affected.html",
        page=_page(request, request.translate(T("Whom a leak affects"))),
        rows=[(_reference(request, known, each.person), each) for each in found],
        ways=_WAYS,
        since=since,
        until=until,
        account=names_of(request.session, [user_id]).get(user_id or 0, ""),
    )


def _day(request: Request, name: str, clock: time) -> datetime:
    moment = local_day(request.form.get(name, ""), clock, request.access.zone)
    if moment is None:
        raise Invalid({name: [T("This is no day.")]})
    return moment


def _files(request: Request) -> FileStore:
    return FileStore(request.app.config.files_dir)


def _in_russian(request: Request, template: str, **context: Any) -> str:
    environment = request.app.pages.environment("ru", request.access.time_zone)
    return request.app.pages.render(request, environment.get_template(template), context)
