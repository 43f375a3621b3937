"""What happened with a record: notes, events, changed fields, tasks and files, on any card (S1-62)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from core.db.base import Record
from core.errors import Invalid
from core.web import known_records
from core.web.changes import ACTIONS, Entry, tell
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.listing.cells import Formats
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.routing import SIGNED_IN, UPLOAD_LIMIT, Route
from core.web.shell import Page
from core.web.subjects import words
from core.work import files, histories, timeline
from core.work.filestore import FileStore
from core.work.people import names_of
from core.work.subjects import Subject, subject_of
from core.work.timeline import Line, Position

POST = ("POST",)
SHOWN = 25
_LOOKS: Mapping[str, tuple[str, str]] = {
    timeline.NOTE: ("note", "warn"),
    "create": ("plus", "grey"),
    "change": ("edit", "grey"),
    "delete": ("trash", "grey"),
    histories.TASKS: ("square-check", "chat"),
}
_TASK_WORDS: Mapping[str, str] = {
    "created": T("Task given: %(task)s"),
    "done": T("Task done: %(task)s"),
    "cancelled": T("Task called off: %(task)s"),
    "reopened": T("Task open again: %(task)s"),
}


def routes() -> list[Route]:
    """The addresses of a record's timeline; what may be seen is decided by the right on the record itself."""
    one = "/timeline/<subject_type>/<int:subject_id>"
    file = f"{one}/files/<int:file_id>"
    upload, create = UPLOAD_LIMIT + 64 * 1024, "core.file.create"
    return [
        Route(one, "timeline", show, right=SIGNED_IN),
        Route(f"{one}/notes", "timeline_note", add_note, POST, right="core.comment.create"),
        Route(f"{one}/files", "timeline_attach", attach, POST, right=create, body_limit=upload),
        Route(file, "timeline_file", download, right="core.file.read"),
        Route(f"{file}/remove", "timeline_file_remove", remove, POST, right="core.file.delete"),
        Route(f"{file}/restore", "timeline_file_restore", restore, POST, right="core.file.delete"),
    ]


def show(request: Request, subject_type: str, subject_id: int) -> Response:
    """A page of what happened: beside a card as a fragment, or on a page of its own."""
    mounted, record = known_records.find(request, Subject(subject_type, subject_id))
    subject = subject_of(record)
    before = Position.parse(request.args["before"][:80]) if request.args.get("before") else None
    if before is not None and request.fragment:
        return request.render("timeline/lines.html", **_lines(request, subject, before))
    return _answer(request, mounted, record, before=before)


def _answer(
    request: Request,
    mounted: MountedScreen,
    record: Record,
    *,
    before: Position | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
    **told: Any,
) -> Response:
    subject = subject_of(record)
    context = {
        "subject": subject,
        "files": files.files_of(request.session, subject) if request.access.may("core.file.read") else [],
        "removed": 0,
        "restored": False,
        **told,
        "typed": request.form.get("text", "") if errors else "",
        "errors": {name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
        "megabytes": FileStore(request.app.config.files_dir).limit // 1024 // 1024,
        **_lines(request, subject, before),
    }
    if request.fragment:
        return request.render("timeline/feed.html", status, **context)
    return request.render("timeline/page.html", status, page=_page(request, mounted, record), **context)


def _page(request: Request, mounted: MountedScreen, record: Record) -> Page:
    screen = mounted.screen
    crumbs = (
        (request.translate(screen.title), request.url(screen.endpoint())),
        (screen.name_of(record), _card(request, mounted, record)),
    )
    return Page(request.translate(T("Event feed")), crumbs=crumbs, menu=screen.menu)


def _card(request: Request, mounted: MountedScreen, record: Record) -> str:
    subject = subject_of(record)
    if subject.type in request.app.subjects:
        return request.app.subjects.url(subject)
    return request.url(mounted.screen.endpoint("card"), record_id=record.id)


# --- the lines --------------------------------------------------------------------------------


def _lines(request: Request, subject: Subject, before: Position | None) -> dict[str, Any]:
    """One page of all histories merged, ready to be drawn."""
    session = request.session
    visible = partial(_visible, request, subject.type)
    found = timeline.timeline(
        session,
        [subject],
        before=before,
        limit=SHOWN,
        more=[
            histories.audit_lines(session, subject, before, visible),
            histories.task_lines(session, subject, before) if request.access.may("core.task.read") else (),
        ],
    )
    older = ""
    if found.older is not None:
        address = request.url("core.timeline", subject_type=subject.type, subject_id=subject.id)
        older = f"{address}?before={quote(found.older.text)}"
    return {"lines": _drawn(request, subject, found.lines), "older": older}


def _visible(request: Request, table: str, action: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A reader sees that a record was added, not each first value of it."""
    return {} if action == "create" else request.app.words.visible(table, values, request.access)


def _drawn(request: Request, subject: Subject, lines: Sequence[Line]) -> list[dict[str, Any]]:
    people = names_of(request.session, [line.author_id for line in lines])
    changes = _changes(request, subject, lines)
    return [
        {
            "at": line.at,
            "who": people.get(line.author_id or 0, "") or request.translate(T("the program")),
            "title": _title(request, line),
            "body": line.body,
            "url": request.url("core.task", record_id=line.data["task"])
            if line.source == histories.TASKS
            else line.link,
            "icon": _look(line)[0],
            "look": _look(line)[1],
            "changes": changes.get(line.position, ()),
        }
        for line in lines
    ]


def _changes(request: Request, subject: Subject, lines: Iterable[Line]) -> dict[Position, Any]:
    """The changed fields in words, for all lines of the page at once."""
    changed = [line for line in lines if line.source == histories.AUDIT]
    viewer = Viewer(request.session, request.translate)
    formats = Formats(viewer, request.app.assets.icon)
    told = tell([Entry(subject.type, line.data["values"]) for line in changed], request.app.words, formats)
    return {line.position: fields for line, fields in zip(changed, told, strict=True)}


def _look(line: Line) -> tuple[str, str]:
    key = line.source if line.source == histories.TASKS else line.kind
    return _LOOKS.get(key, ("edit", "grey") if line.source == histories.AUDIT else ("history", "grey"))


def _title(request: Request, line: Line) -> str:
    translate = request.translate
    if line.source == histories.AUDIT:
        text = translate(ACTIONS.get(line.kind, ACTIONS["change"]))
        return text[:1].upper() + text[1:]
    title = translate(line.title, **words(dict(line.title_values), translate.language))
    if line.source == histories.TASKS:
        return translate(_TASK_WORDS[line.kind], task=title)
    return title


# --- notes and files --------------------------------------------------------------------------


def add_note(request: Request, subject_type: str, subject_id: int) -> Response:
    """A note; colleagues named in it as @login are told."""
    mounted, record = known_records.find(request, Subject(subject_type, subject_id))
    try:
        timeline.note(request.session, subject_of(record), request.form.get("text", ""))
    except Invalid as refusal:
        return _refused(request, mounted, record, refusal)
    return _done(request, mounted, record)


def attach(request: Request, subject_type: str, subject_id: int) -> Response:
    """Keep a file with the record (SEC-33)."""
    mounted, record = known_records.find(request, Subject(subject_type, subject_id))
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid({"file": [T("Choose a file.")]})
        stream = cast("BinaryIO", sent.stream)
        files.store_file(request.session, _store(request), stream, sent.filename, subject_of(record))
    except Invalid as refusal:
        return _refused(request, mounted, record, refusal)
    return _done(request, mounted, record)


def download(request: Request, subject_type: str, subject_id: int, file_id: int) -> Response:
    """A file as an attachment, with a type of ours; the sender's name is text only (SEC-33)."""
    subject = subject_of(known_records.find(request, Subject(subject_type, subject_id))[1])
    stored, content = files.open_file(request.session, _store(request), subject, file_id)
    body = wrap_file(request.environ, content)
    response = Response(body, content_type=stored.content_type, direct_passthrough=True)
    response.content_length = stored.size
    response.headers.set("Content-Disposition", "attachment", filename=stored.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def remove(request: Request, subject_type: str, subject_id: int, file_id: int) -> Response:
    """Take a file off the record; it can be put back."""
    mounted, record = known_records.find(request, Subject(subject_type, subject_id))
    subject = subject_of(record)
    files.remove_file(request.session, subject, file_id)
    return _done(request, mounted, record, removed=file_id)


def restore(request: Request, subject_type: str, subject_id: int, file_id: int) -> Response:
    """Put a removed file back."""
    mounted, record = known_records.find(request, Subject(subject_type, subject_id))
    subject = subject_of(record)
    files.restore_file(request.session, subject, file_id)
    return _done(request, mounted, record, restored=True)


def _store(request: Request) -> FileStore:
    return FileStore(request.app.config.files_dir)


def _refused(request: Request, mounted: MountedScreen, record: Record, refusal: Invalid) -> Response:
    """The feed again with what is wrong, and what was typed; a refusal with figures is told whole."""
    number = record.id
    request.session.rollback()
    errors = refusal.errors
    if refusal.values:
        whole = request.translate(refusal.message, **refusal.values)
        errors = {name: [whole] for name in errors}
    fresh = known_records.find(request, Subject(mounted.screen.model.__tablename__, number))[1]
    return _answer(request, mounted, fresh, errors=errors, status=refusal.status)


def _done(request: Request, mounted: MountedScreen, record: Record, **told: Any) -> Response:
    if request.fragment:
        request.session.flush()
        return _answer(request, mounted, record, **told)
    return redirect(_card(request, mounted, record))
