"""What is done with a list's rows: exported, printed, or changed many at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.db.audit import note_action
from core.errors import NotFound
from core.web import forms
from core.web.forms import OpenForm
from core.web.http import Request, number_of, redirect
from core.web.i18n import T
from core.web.listing import bulk, export, page, query, saved
from core.web.listing.cells import Formats
from core.web.listing.state import ListState, parse_query
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import BulkAction
from core.web.views.lists import list_page, list_template, list_urls, printed_table
from core.work.personal_watch import note_records

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_BLOCK = 64 * 1024


def export_list(mounted: MountedScreen, request: Request) -> Response:
    """All filtered rows as a file (SEC-35).

    The rows are read outside any writing transaction, however many they are; then the audit line is
    written, and only when it is stored does the file leave.
    """
    kind = request.form.get("format", "xlsx")
    if kind not in TYPES:
        raise BadRequest
    state = parse_query(mounted, request.form.get("query", ""), request.access)
    folder = tempfile.TemporaryDirectory(prefix="forecourt-export-")
    try:
        path = Path(folder.name) / f"export.{kind}"
        ids, rows = _write(mounted, request, state, kind, path)
        _note(mounted, request, state, kind, ids, rows)
    except BaseException:
        folder.cleanup()
        raise
    response = Response(_blocks(path.open("rb"), folder), content_type=TYPES[kind], direct_passthrough=True)
    response.content_length = path.stat().st_size
    day = Viewer(request.session, request.translate).today.isoformat()
    response.headers.set("Content-Disposition", "attachment", filename=f"{mounted.screen.word}-{day}.{kind}")
    return response


def print_list(mounted: MountedScreen, request: Request) -> Response:
    """The filtered rows on one page, which prints itself; they are taken out as by an export, and noted as one (SEC-35).

    Asked for by a form, so that nobody is noted for an address that was laid before him.
    """
    request.only_read()
    state = parse_query(mounted, request.form.get("query", ""), request.access)
    state = replace(state.without_place(), view="")
    context = printed_table(mounted, request, state)
    request.release()
    ids = context["list"].page.ids
    _note(mounted, request, state, "print", ids, len(ids))
    return request.render("screens/print.html", of=list_template(mounted), **context)


def _note(mounted: MountedScreen, request: Request, state: ListState, kind: str, ids: Sequence[int], rows: int) -> None:
    """Write down what is about to leave, and who is in it (SEC-63, SEC-73)."""
    note_records(request.app.database, request.access, mounted.screen.model.__tablename__, ids)
    with request.app.database.writing(request.access) as session:
        note_action(session, "export", screen=mounted.key, format=kind, filter=state.query(), rows=rows)


def _write(
    mounted: MountedScreen, request: Request, state: ListState, kind: str, path: Path
) -> tuple[Sequence[int], int]:
    """Write the file; the numbers of the records in it, and how many rows it has."""
    with request.app.database.reading(request.access) as session:
        viewer = Viewer(session, request.translate)
        data = _viewed(mounted, state, viewer) or _listed(mounted, request, state, viewer)
        write = export.write_xlsx if kind == "xlsx" else export.write_csv
        rows = write(path, data)
        return data.ids, rows


def _listed(mounted: MountedScreen, request: Request, state: ListState, viewer: Viewer) -> export.Table:
    """The rows of the list, in the shown columns."""
    columns = page.shown_columns(mounted, state, viewer, saved.kept(viewer.session, mounted.key))
    return export.table(mounted, state, viewer, Formats(viewer, request.app.assets.icon), columns)


def _viewed(mounted: MountedScreen, state: ListState, viewer: Viewer) -> export.Table | None:
    """What the view that is shown says of the rows; nothing where it is the rows themselves."""
    make = next((view.table for view in mounted.screen.views if view.name == state.view), None)
    if make is None:
        return None
    data = make(viewer, query.taken_out(mounted, state, viewer))
    return replace(data, filters=export.filters_in_words(mounted, state, viewer))


def _blocks(file: BinaryIO, folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    """The file in pieces; it is gone when the last one has left, or the browser has."""
    try:
        while block := file.read(_BLOCK):
            yield block
    finally:
        file.close()
        folder.cleanup()


def run_bulk(mounted: MountedScreen, request: Request, action: str) -> Response:
    """Do something with the selected rows, or with all rows of the filter; first ask what it needs to know."""
    chosen = next((each for each in bulk.actions(mounted, request.access) if each.name == action), None)
    if chosen is None:
        raise NotFound(T("There is no such action."))
    state = parse_query(mounted, request.form.get("query", ""), request.access)
    viewer = Viewer(request.session, request.translate)
    numbers = _chosen_ids(mounted, request, state, viewer)
    asked = _asked(mounted, viewer, chosen, request.form if request.form.get("answered") else None)
    if not numbers:
        return redirect(f"{request.url(mounted.screen.endpoint())}?{state.query() or 'q='}")
    wants_answer = bool(chosen.fields) or chosen.danger
    if wants_answer and not (request.form.get("answered") and asked.validate()):
        return _ask(mounted, request, chosen, asked, numbers, state)
    outcome = bulk.run(request.session, mounted, chosen, numbers, asked.values())
    note_action(request.session, f"bulk.{chosen.name}", screen=mounted.key, rows=outcome.done)
    if not outcome.refused and not outcome.missing:
        return redirect(f"{request.url(mounted.screen.endpoint())}?{state.query() or 'q='}")
    return _told(mounted, request, chosen, outcome, state)


def _chosen_ids(mounted: MountedScreen, request: Request, state: ListState, viewer: Viewer) -> list[int]:
    """The rows meant: those ticked, or those the filter finds now (the page's word is not taken for it)."""
    if request.form.get("all") == "1":
        return bulk.all_ids(mounted, viewer, query.conditions(mounted, state, viewer))
    numbers = [number_of(text) for text in request.form.getlist("id")]
    if None in numbers:
        raise BadRequest
    return [number for number in numbers if number is not None]


def _asked(mounted: MountedScreen, viewer: Viewer, action: BulkAction, sent: MultiDict[str, str] | None) -> OpenForm:
    """The action's own little form."""
    parts = {each.name: forms.make_field(None, each) for each in action.fields}
    built = type("BulkForm", (forms.BoundForm,), parts)
    form = built(sent, meta={"viewer": viewer})
    forms.speak(form, viewer)
    return OpenForm(form, mounted, list(action.fields), [])


def _ask(
    mounted: MountedScreen, request: Request, action: BulkAction, asked: OpenForm, numbers: list[int], state: ListState
) -> Response:
    whole = request.form.get("all") == "1"
    return request.render(
        "screens/bulk.html",
        422 if request.form.get("answered") else 200,
        page=list_page(mounted, request, action.label, below=True),
        urls=list_urls(mounted, request, state),
        action_url=request.url(mounted.screen.endpoint("bulk"), action=action.name),
        action=action,
        form=asked.form,
        fields=action.fields,
        count=len(numbers),
        ids=[] if whole else numbers,
        whole=whole,
        query=state.query(),
    )


def _told(
    mounted: MountedScreen, request: Request, action: BulkAction, outcome: bulk.Outcome, state: ListState
) -> Response:
    """Which rows were left as they were, and why."""
    refused = [
        (name, request.translate(refusal.message, **refusal.values))
        for name, refusal in outcome.refused[: bulk.SHOWN_REFUSALS]
    ]
    return request.render(
        "screens/bulk_done.html",
        page=list_page(mounted, request, action.label, below=True),
        urls=list_urls(mounted, request, state),
        outcome=outcome,
        refused=refused,
        back=f"{request.url(mounted.screen.endpoint())}?{state.query() or 'q='}",
    )
