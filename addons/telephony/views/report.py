"""The report of missed calls, as a page and as a file (S1-21)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Response

from addons.telephony.services.missed_report import Figures, Report, report
from addons.telephony.services.vocabulary import LOSS_REASONS
from core import Page, Request, Route, T, Table, local_day, write_csv, write_xlsx

USUAL = timedelta(days=30)
YEARS = range(2000, 2101)
"""Those in which calls are looked for; another one was not meant."""
LONGEST = timedelta(days=366)
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
TITLE = T("Missed calls: report")


def routes() -> list[Route]:
    """The addresses."""
    return [
        Route("/calls/missed", "missed", show, right="telephony.call.read", menu="calls"),
        Route("/calls/missed/file", "missed_file", export, right="telephony.call.export"),
    ]


def show(request: Request) -> Response:
    """The figures of a period."""
    since, until = _period(request)
    page = Page(
        request.translate(TITLE),
        crumbs=((request.translate(T("Phone calls")), request.url("telephony.calls")),),
        menu="calls",
    )
    zone = request.access.zone
    days: dict[str, Any] = {
        "since": since.astimezone(zone).date(),
        "until": (until - timedelta(seconds=1)).astimezone(zone).date(),
    }
    found = report(request.session, since, until)
    return request.render("telephony/missed.html", page=page, report=found, reasons=LOSS_REASONS, **days)


def export(request: Request) -> Response:
    """The same figures as a workbook or as text."""
    since, until = _period(request)
    kind = request.args.get("as", "")
    kind = kind if kind in TYPES else "xlsx"
    found = report(request.session, since, until)
    table = Table(request.translate(TITLE), [_told(request, found)], _heads(request), _rows(request, found))
    with tempfile.TemporaryDirectory(prefix="forecourt-file-") as folder:
        path = Path(folder) / "file"
        (write_xlsx if kind == "xlsx" else write_csv)(path, table)
        response = Response(path.read_bytes(), content_type=TYPES[kind])
    response.headers.set("Content-Disposition", "attachment", filename=f"missed-calls.{kind}")
    return response


def _period(request: Request) -> tuple[datetime, datetime]:
    """The days that were chosen, both included; a month back where none are, a year at most."""
    zone, now = request.access.zone, request.session.now()
    last = _day(request, "until")
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    until = (last or midnight) + timedelta(days=1)
    since = _day(request, "since") or until - USUAL
    return max(min(since, until - timedelta(days=1)), until - LONGEST), until


def _day(request: Request, name: str) -> datetime | None:
    """When the day began that was typed; nothing where none was."""
    found = local_day(request.args.get(name, ""), time(), request.access.zone)
    return found if found is not None and found.year in YEARS else None


def _told(request: Request, found: Report) -> str:
    zone = request.access.zone
    last = found.until - timedelta(seconds=1)
    return f"{found.since.astimezone(zone):%d.%m.%Y} – {last.astimezone(zone):%d.%m.%Y}"


def _heads(request: Request) -> list[str]:
    heads = (
        T("By"),
        T("Reason, employee or hour"),
        T("missed"),
        T("answered"),
        T("missed, %"),
        T("average wait, s"),
        T("client reached"),
        T("reached in time"),
    )
    return [request.translate(each) for each in heads]


def _rows(request: Request, found: Report) -> Iterator[list[Any]]:
    parts = (
        (T("In all"), [found.total]),
        (T("Why it was lost"), found.reasons),
        (T("Employee"), found.people),
        (T("Hour"), found.hours),
    )
    for title, figures in parts:
        for each in figures:
            yield [request.translate(title), request.translate(LOSS_REASONS.get(each.title, each.title)), *_of(each)]


def _of(each: Figures) -> list[Any]:
    share = "" if each.share is None else each.share
    answered = "" if each.answered is None else each.answered
    return [each.missed, answered, share, each.wait, each.reached, each.in_time]
