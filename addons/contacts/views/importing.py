"""Importing clients and vehicles: the file, its columns, the check, the run, the report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from addons.contacts.models import Customer, Import
from addons.contacts.services.importing import files, steps
from addons.contacts.services.importing.columns import CLIENT, VEHICLE
from addons.contacts.services.importing.kinds import CLIENTS, ImportKind, import_kinds, kind_of, targets_of
from core import Invalid, Page, Request, T, note_action, note_records, redirect

SHOWN_PROBLEMS = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

STATES = {
    "columns": (T("Columns to be chosen"), "warn"),
    "checking": (T("Being checked"), "acc"),
    "checked": (T("Checked"), "warn"),
    "running": (T("Being imported"), "acc"),
    "finished": (T("Finished"), "ok"),
    "cancelled": (T("Given up"), ""),
    "failed": (T("Failed"), "bad"),
}
STEPS = (T("File"), T("Columns"), T("Check"), T("Import"))
_STEP = {"columns": 2, "checking": 3, "checked": 3, "running": 4, "finished": 4, "cancelled": 4, "failed": 4}


def show_all(request: Request) -> Response:
    """The imports so far, and the place for a new file."""
    return _list(request)


def _list(request: Request, refusal: Invalid | None = None) -> Response:
    errors = [request.translate(text) for texts in refusal.errors.values() for text in texts] if refusal else []
    return request.render(
        "contacts/import_list.html",
        refusal.status if refusal is not None else 200,
        page=_frame(request, request.translate(T("Import of clients")), below=False),
        imports=steps.imports(request.session),
        kinds=steps.kinds(request.session),
        chosen=request.form.get("kind", CLIENTS),
        titles=_titles(request),
        states=STATES,
        errors=errors,
    )


def _frame(request: Request, title: str, *, below: bool = True) -> Page:
    crumbs = [(request.translate(T("Clients")), request.url("contacts.clients"))]
    if below:
        crumbs.append((request.translate(T("Import of clients")), request.url("contacts.imports")))
    return Page(title, crumbs=tuple(crumbs), menu="clients")


def _titles(request: Request) -> dict[str, str]:
    """What files hold, by the code of their kind."""
    return {code: kind.title for code, kind in import_kinds(request.session.hooks).items()}


def upload(request: Request) -> Response:
    """Take a file in and go on to its columns."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid({"file": [T("Choose a file.")]})
        with sent.stream as stream:
            code = request.form.get("kind", CLIENTS)
            record = steps.start(request.session, stream, sent.filename, code)  # type: ignore[arg-type]
    except Invalid as refusal:
        request.session.rollback()
        return _list(request, refusal)
    return redirect(request.url("contacts.import", record_id=record.id))


def show(request: Request, record_id: int) -> Response:
    """Where an import is: its columns, its progress, or what came of it."""
    record = steps.get_import(request.session, record_id)
    if record.state == "columns" or (record.state == "checked" and "columns" in request.args):
        return _columns(request, record)
    return request.render("contacts/import.html", **_context(request, record), **_report(request, record))


def _context(request: Request, record: Import) -> dict[str, Any]:
    title, look = STATES[record.state]
    return {
        "page": _frame(request, record.file_name),
        "record": record,
        "kind": _titles(request).get(record.kind, ""),
        "progress": steps.progress(request.session, record),
        "state": title,
        "look": look,
        "steps": [request.translate(each) for each in STEPS],
        "step": _STEP[record.state],
    }


def _report(request: Request, record: Import) -> dict[str, Any]:
    rows = files.problem_rows(request.session, record, SHOWN_PROBLEMS)
    named = files.titles(request.session, record)
    return {
        "problems": [
            (
                row.number,
                files.who_is_meant(record, row.cells),
                files.problem_texts(row.problems, named, request.translate),
            )
            for row in rows
        ]
    }


def _columns(
    request: Request, record: Import, chosen: Mapping[str, str] | None = None, refusal: Invalid | None = None
) -> Response:
    errors = refusal.errors if refusal is not None else {}
    translate = request.translate
    kind = steps.kind_for(request.session, record)
    samples = steps.sample(request.session, record)
    named = chosen if chosen is not None else record.columns
    sent = request.form if refusal is not None else None
    return request.render(
        "contacts/import_columns.html",
        refusal.status if refusal is not None else 200,
        **_context(request, record),
        columns=[
            {
                "place": place,
                "heading": heading,
                "samples": [row[place] for row in samples],
                "chosen": named.get(str(place), ""),
                "errors": [translate(text) for text in errors.get(f"column.{place}", ())],
            }
            for place, heading in enumerate(record.headings)
        ],
        groups=_groups(request, kind),
        past=kind is not None,
        match_known=record.match_known if sent is None else "match_known" in sent,
        add_models=record.add_models if sent is None else "add_models" in sent,
        may_add=request.access.may(steps.ADD_MODELS),
        errors=[translate(text) for text in errors.get("columns", ())],
    )


def _groups(request: Request, kind: ImportKind | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields a column can be, under whose they are; those that must not be missing have a star."""
    translate = request.translate
    own = ((kind.code, kind.own),) if kind is not None else ()
    parts = (*own, (CLIENT, T("Client")), (VEHICLE, T("Vehicle")))
    targets = targets_of(kind)
    return [
        (
            translate(title),
            [
                (each.name, translate(each.title) + (" *" if each.needed else ""))
                for each in targets
                if each.part == part
            ],
        )
        for part, title in parts
    ]


def set_columns(request: Request, record_id: int) -> Response:
    """The columns as somebody says they are; then the check begins."""
    record = steps.get_import(request.session, record_id)
    known = {target.name for target in targets_of(steps.kind_for(request.session, record))}
    chosen = {
        place: name
        for place in range(len(record.headings))
        if (name := request.form.get(f"column.{place}", "")) in known
    }
    options = {"match_known": "match_known" in request.form, "add_models": "add_models" in request.form}
    try:
        steps.set_columns(request.session, record_id, chosen, **options)
    except Invalid as refusal:
        request.session.rollback()
        record = steps.get_import(request.session, record_id)
        return _columns(request, record, {str(place): name for place, name in chosen.items()}, refusal)
    return _to(request, record_id)


def run(request: Request, record_id: int) -> Response:
    """Write what the check has found good."""
    steps.run(request.session, record_id)
    return _to(request, record_id)


def cancel(request: Request, record_id: int) -> Response:
    """Give the import up."""
    steps.cancel(request.session, record_id)
    return _to(request, record_id)


def advance(request: Request, record_id: int) -> Response:
    """One part more; the page asks for it again and again while it is open, the job goes on when it is not."""
    progress = steps.advance(request.session, record_id)
    if not request.fragment:
        return _to(request, record_id)
    if not progress.working:
        return Response(status=204, headers={"HX-Redirect": request.url("contacts.import", record_id=record_id)})
    record = steps.get_import(request.session, record_id)
    return request.render("contacts/import_progress.html", record=record, progress=progress)


def _to(request: Request, record_id: int) -> Response:
    return redirect(request.url("contacts.import", record_id=record_id))


# --- files ----------------------------------------------------------------------------------------


def problems(request: Request, record_id: int) -> Response:
    """All problem rows as a workbook."""
    record = steps.get_import(request.session, record_id)
    return _file(f"problems-{record_id}.xlsx", XLSX, lambda path: _write_problems(request, record, path))


def _write_problems(request: Request, record: Import, path: Path) -> None:
    """The rows hold people's data as the file did, so the trail knows of this file too (SEC-63)."""
    rows = files.write_problems(request.session, record, path, request.translate)
    with request.app.database.writing(request.access) as session:
        note_action(session, "export", screen="contacts.import_problems", format="xlsx", number=record.id, rows=rows)


def template(request: Request) -> Response:
    """An empty table with our columns."""
    kind = kind_of(request.session.hooks, request.args.get("kind", CLIENTS))
    name = f"{kind.code.replace('.', '-') if kind is not None else 'clients'}-template.xlsx"
    return _file(name, XLSX, lambda path: files.write_template(path, request.translate, kind))


def export(request: Request) -> Response:
    """All clients this person may export with their cars, in columns that can be imported again (SEC-35)."""
    kind = request.form.get("format", "xlsx")
    if kind not in ("xlsx", "csv"):
        raise BadRequest

    def write(path: Path) -> None:
        # Read outside any writing transaction; the file leaves only when the trail knows of it.
        with request.app.database.reading(request.access) as session:
            ids: list[int] = []
            rows = files.write_clients(session, path, kind, request.translate, ids)
        note_records(request.app.database, request.access, Customer.__tablename__, ids)
        with request.app.database.writing(request.access) as session:
            note_action(session, "export", screen="contacts.import", format=kind, rows=rows)

    return _file(f"clients.{kind}", XLSX if kind == "xlsx" else CSV, write)


def _file(name: str, content_type: str, write: Callable[[Path], object]) -> Response:
    with tempfile.TemporaryDirectory(prefix="forecourt-file-") as folder:
        path = Path(folder) / "file"
        write(path)
        response = Response(path.read_bytes(), content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
