"""Recordings on their way to whoever may hear them, and what he says of them (S0-49, S2-48, S2-49)."""

from __future__ import annotations

from werkzeug.datastructures import Range
from werkzeug.http import parse_range_header
from werkzeug.wrappers import Response

from addons.telephony.services.recordings import checking, listening
from addons.telephony.services.recordings.paths import Missing, OutOfReach
from addons.telephony.services.recordings.places import Source
from core import NotFound, Request, Route, T, step_on_card, whole_number

AWAY = T("The recordings of this exchange are out of reach now. Try again later.")
_TWO_BYTES = 2
"""What some players ask for first, to find out whether they may ask for a part."""


def routes() -> list[Route]:
    """Listening, taking along, marking."""
    one = "/calls/recordings/<int:record_id>"
    return [
        Route(one, "recording", play, right=listening.LISTEN),
        Route(f"{one}/file", "recording_file", download, right=listening.DOWNLOAD),
        Route("/calls/<int:record_id>/check", "call_check", check, ("POST",), right=checking.CHECK),
    ]


def play(request: Request, record_id: int) -> Response:
    """A recording or a part of it; it is written down before anything leaves (X-08)."""
    heard = listening.find(request.session, record_id, listening.LISTEN)
    if not heard.played:
        raise NotFound(listening.GONE)  # no browser plays it, so this would be taking it along
    source = _open(request, heard)
    first, last = 0, source.size - 1
    span = _asked_span(request)
    if span is not None:
        within = span.range_for_length(source.size)
        if within is None:
            source.close()
            return Response(status=416, headers={"Content-Range": f"bytes */{source.size}"})
        first, last = within[0], within[1] - 1
    if request.method == "GET" and last - first >= _TWO_BYTES:
        with request.app.database.writing(request.access) as session:
            listening.note_play(session, heard, begins=first == 0)
    response = _sent(request, heard, source, first, last)
    if span is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{source.size}"
    return response


def download(request: Request, record_id: int) -> Response:
    """The whole recording as a file."""
    heard = listening.find(request.session, record_id, listening.DOWNLOAD)
    source = _open(request, heard)
    if request.method == "GET":
        with request.app.database.writing(request.access) as session:
            listening.note_download(session, heard)
    response = _sent(request, heard, source, 0, source.size - 1)
    response.headers.set("Content-Disposition", "attachment", filename=heard.name)
    return response


def check(request: Request, record_id: int) -> Response:
    """Whether what was registered is what was said."""
    sent = request.form
    verdict, remark = sent.get("verdict", ""), sent.get("remark", "")
    version = whole_number(sent.get("version", "")) or 0
    return step_on_card(
        request,
        "telephony.calls",
        record_id,
        lambda: checking.check(request.session, record_id, verdict, remark, version),
    )


def _open(request: Request, heard: listening.Heard) -> Source:
    """The recording, with no connection to the database held while its place is asked."""
    request.release()
    try:
        return heard.place.open(heard.path)
    except Missing as missing:
        with request.app.database.writing(request.access) as session:
            listening.note_gone(session, heard.recording_id)
        raise NotFound(listening.GONE) from missing
    except OutOfReach as away:
        raise NotFound(AWAY) from away


def _asked_span(request: Request) -> Range | None:
    """The one part that is asked for; several are answered with the whole, as is a part of what may have changed."""
    span = parse_range_header(request.headers.get("Range"))
    usable = span is not None and span.units == "bytes" and len(span.ranges) == 1 and "If-Range" not in request.headers
    return span if usable else None


def _sent(request: Request, heard: listening.Heard, source: Source, first: int, last: int) -> Response:
    if request.method != "GET":
        source.close()
    body = source.read(first, last) if request.method == "GET" else ()
    response = Response(body, content_type=heard.content_type, direct_passthrough=True)
    response.call_on_close(source.close)
    response.content_length = last - first + 1
    response.headers["Accept-Ranges"] = "bytes"
    return response
