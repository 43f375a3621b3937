"""The pages of the small server: what live.js and notify.js need of a real one."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "core" / "web" / "static"

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Page</title></head>
<body data-user="1">
<script>window.htmx = { swap: async ({ text, target }) => { target.innerHTML = text; } };</script>
<button id="sound-on" hidden>sound</button><button data-sound-test hidden>try</button><span id="bell-count" hidden>0</span><div id="offline" hidden>offline</div>
<div id="piece" data-live="piece.changed" data-live-url="/piece">old</div>
<div id="other" data-live="piece.changed" data-live-id="77" data-live-url="/piece">untouched</div>
<section id="toasts"></section><div id="announce"></div><div id="texts" hidden></div>
<script type="module">
import * as notify from "/static/js/notify.js";
import * as live from "/static/js/live.js";
notify.start(); live.start();
</script></body></html>"""

ROW = '<form class="rowl new" method="post" action="/notifications/{id}/open" data-sound="until_taken"></form>'
POPUP = """<article class="toastfc" data-note="{id}" data-sound="until_taken" data-page="/page/{id}"><div class="strong">Call {id}</div>
<form method="post" action="/notifications/{id}/open"><button data-answer="open">open</button>
<button formaction="/notifications/{id}/later" data-answer="later">later</button></form>
<button type="button" data-answer="hide">hide</button></article>"""


def page(path: str, folder: Path) -> tuple[str, str, str]:
    """Status, type and text of a page; the open notifications are the lines of ``folder/notes``."""
    notes = (folder / "notes").read_text().split() if (folder / "notes").exists() else []
    parts = path.strip("/").split("/")
    if parts[0] == "page":
        return "200 OK", "text/html", PAGE
    if path == "/piece":
        return "200 OK", "text/html", (folder / "piece").read_text()
    if path == "/notifications":
        return "200 OK", "text/html", "".join(ROW.format(id=note) for note in notes)
    if parts[0] == "notifications" and parts[2] == "popup" and parts[1] in notes:
        return "200 OK", "text/html", POPUP.format(id=parts[1])
    if parts[0] == "notifications" and parts[2] in ("open", "later"):
        (folder / parts[2]).write_text(parts[1])
        return "200 OK", "text/html", f"<title>answered</title>{parts[2]} {parts[1]}"
    if parts[0] == "static":
        return "200 OK", "text/javascript", (STATIC / "js" / parts[2]).read_text()
    return "404 Not Found", "text/plain", ""
