"""How soon a registered contact is on the specialist's screen: ten tabs open, then also 200 streams of others.

The clock starts when reception sends its form, so the whole registration with its commit is in the figure; what is
told beside it starts at the moment written on the event's row, inside the transaction, just before the commit.
"""

from __future__ import annotations

import json
import selectors
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.browser import Browser
from bench.data import NOW, Dealership
from bench.instances import Prepared
from bench.people import Person, signed_in
from bench.serving import Served, served
from bench.workloads import RECEPTION, goals_by_hand
from core.access.models import User
from core.clock import utcnow
from core.live.models import Event
from tests.support.chromium import _FLAGS, _find
from tests.support.system import need

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

TABS = 10
WATCH = """
window.seenNotes = [];
document.addEventListener("DOMContentLoaded", () => {
  const look = () => {
    for (const note of document.querySelectorAll("#toasts .toastfc:not([data-timed])")) {
      note.dataset.timed = "";
      window.seenNotes.push([Number(note.dataset.note), performance.timeOrigin + performance.now()]);
    }
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
});
"""
BEHIND = """
Object.defineProperty(document, "hidden", { get: () => true });
Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
"""
"""A headless browser shows every tab; this makes one behave as a tab that lies behind another."""

SEEN = """([id, patience]) => new Promise((resolve) => {
  const until = performance.now() + patience;
  const look = () => {
    const found = window.seenNotes.find(([seen]) => seen === id);
    if (found || performance.now() > until) resolve(found ? found[1] : 0);
    else setTimeout(look, 10);
  };
  look();
})"""
PATIENCE = 5.0


@dataclass(slots=True)
class Delays:
    """Milliseconds from each start to each arrival, one for every registration."""

    sent_to_front: list[float] = field(default_factory=list)
    written_to_front: list[float] = field(default_factory=list)
    written_to_slowest: list[float] = field(default_factory=list)
    written_to_socket: list[float] = field(default_factory=list)
    written_to_all_sockets: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, dict[str, float]]:
        """Median, 95th percentile and the worst."""
        return {name: _cuts(getattr(self, name)) for name in self.__slots__ if getattr(self, name)}


def _cuts(values: list[float]) -> dict[str, float]:
    return {"p50": statistics.median(values), "p95": statistics.quantiles(values, n=20)[18], "worst": max(values)}


def measure(
    prepared: Prepared[Dealership], streams: int, registrations: int, *, all_in_sight: bool = False
) -> dict[str, Any]:
    """The delays with so many streams of others open beside the browser with its ten tabs.

    :param all_in_sight: ten windows side by side; otherwise nine tabs lie behind the first, as in one window.
    """
    started = utcnow()
    specialists = _specialists(prepared)
    logins = [RECEPTION, *specialists]
    people = signed_in(prepared.config, started, logins)
    owner = specialists[0]
    with ExitStack() as stack:
        server = stack.enter_context(served("ours", prepared.config, started))
        ears = stack.enter_context(closing(Ears(server, [people[login] for login in specialists], streams)))
        pages = stack.enter_context(_tabs(server, people[owner], all_in_sight=all_in_sight))
        delays = _measure(prepared, server, started, people, owner, pages, ears, registrations)
    return delays.figures()


def _specialists(prepared: Prepared[Dealership]) -> list[str]:
    """The logins of the specialists, first one who handles calls to the first branch."""
    number = _goal_and_owner(prepared)[1]
    from core.host import instance

    with instance.engine_of(prepared.config) as engine, engine.connect() as connection:
        from sqlalchemy import select

        rows = connection.execute(select(User.id, User.login).where(User.login.like("specialist%"))).all()
    return [login for id_, login in sorted(rows, key=lambda row: (row[0] != number, row[0]))]


def _goal_and_owner(prepared: Prepared[Dealership]) -> tuple[int, int]:
    goal = goals_by_hand(prepared.dealership)[0]
    return goal.id, prepared.dealership.office.staff[goal.department_id][0]


@contextmanager
def _tabs(server: Served, person: Person, *, all_in_sight: bool) -> Iterator[list[Page]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need(_find, "chromium", "the pop-up"), args=_FLAGS)
        context: BrowserContext = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "forecourt", "value": person.cookie, "url": f"http://127.0.0.1:{server.port}"}])
        context.add_init_script(WATCH)
        pages = [context.new_page() for _ in range(TABS)]
        behind = [] if all_in_sight else pages[1:]
        for page in behind:
            page.add_init_script(BEHIND)
        for page in pages:
            page.goto(f"http://127.0.0.1:{server.port}/desk")
        time.sleep(2.0)  # the shared worker opens its stream
        yield pages if all_in_sight else pages[:1]
        browser.close()


def _measure(
    prepared: Prepared[Dealership],
    server: Served,
    started: datetime,
    people: Mapping[str, Person],
    owner: str,
    pages: list[Page],
    ears: Ears,
    registrations: int,
) -> Delays:
    goal, user_id = _goal_and_owner(prepared)
    reception = Browser(server.port, people[RECEPTION].cookie, people[RECEPTION].form_token)
    specialist = Browser(server.port, people[owner].cookie, people[owner].form_token)
    delays = Delays()
    for number in range(registrations + 3):
        fields = {
            "channel": "phone", "goal_id": str(goal), "responsible_id": str(user_id), "way": "transfer",
            "customer_id_text": f"Виктор {number}", "once": f"popup-{started.timestamp()}-{number}",
        }  # fmt: skip
        sent = time.time() * 1000
        answer = reception.post("/reception", fields)
        assert answer.status == 303, answer.body[:500]
        note = ears.note_for(user_id, PATIENCE)
        seen = [_seen(page, note.notification) for page in pages]
        if number >= 3:  # the first ones warm everybody up
            written = _written(prepared, started, note.event)
            delays.sent_to_front.append(seen[0] - sent)
            delays.written_to_front.append(seen[0] - written)
            if len(pages) > 1:
                delays.written_to_slowest.append(max(seen) - written)
            delays.written_to_socket.append(note.first - written)
            if ears.crowd:
                delays.written_to_all_sockets.append(ears.last_for(note.event, PATIENCE) - written)
        specialist.post(f"/notifications/{note.notification}/open", {})
        for page in pages:
            page.locator(f"[data-note='{note.notification}']").wait_for(state="detached")
    return delays


def _seen(page: Page, notification: int) -> float:
    """When the pop-up stood in this tab's document, in milliseconds since 1970."""
    moment = page.evaluate(SEEN, [notification, PATIENCE * 1000])
    if not moment:
        raise TimeoutError(f"no pop-up of {notification} in a tab")
    return float(moment)


def _written(prepared: Prepared[Dealership], started: datetime, event: int) -> float:
    """When the event's row was made, in milliseconds since 1970 of the real clock."""
    from sqlalchemy import select

    from core.host import instance

    with instance.engine_of(prepared.config) as engine, engine.connect() as connection:
        at: datetime = connection.execute(select(Event.at).where(Event.id == event)).scalar_one()
    return ((at - NOW) + started - datetime(1970, 1, 1, tzinfo=started.tzinfo)) / timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Note:
    """A notification as it came through the owner's own socket, and when."""

    notification: int
    event: int
    first: float


class Ears:
    """Open streams without a browser: one of the owner, and a crowd of others who all hear of every contact."""

    def __init__(self, server: Served, people: list[Person], crowd: int) -> None:
        self.crowd = crowd
        self._owner = people[0]
        self._selector = selectors.DefaultSelector()
        self._changed = threading.Condition()
        self._notes: dict[int, Note] = {}
        self._used: set[int] = set()
        self._heard: dict[int, list[float]] = {}
        self._stopping = False
        others = people[1:] or people
        listeners = [people[0], *(others[number % len(others)] for number in range(crowd))]
        for number, person in enumerate(listeners):
            self._open(server.port, person, is_owner=number == 0)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _open(self, port: int, person: Person, *, is_owner: bool) -> None:
        connected = socket.create_connection(("127.0.0.1", port), timeout=30)
        connected.sendall(
            f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n"
            f"Cookie: forecourt={person.cookie}\r\n\r\n".encode()
        )
        connected.setblocking(False)
        self._selector.register(connected, selectors.EVENT_READ, [is_owner, b""])

    def note_for(self, user_id: int, patience: float) -> Note:
        """The owner's next notification."""
        with self._changed:
            fresh = lambda: sorted(set(self._notes) - self._used)  # noqa: E731
            if not self._changed.wait_for(fresh, patience):
                raise TimeoutError(f"no notification reached the stream of {user_id}")
            number = fresh()[0]
            self._used.add(number)
            return self._notes[number]

    def last_for(self, event: int, patience: float) -> float:
        """When the last of the crowd had the contact's own event, which goes to everybody and is written first."""
        with self._changed:
            near = lambda: next(  # noqa: E731
                (times for id_, times in self._heard.items() if abs(id_ - event) <= 1 and len(times) >= self.crowd),
                None,
            )
            if not self._changed.wait_for(near, patience):
                raise TimeoutError("not everybody has heard of the contact")
            return max(near() or [0.0])

    def close(self) -> None:
        """Hang up."""
        self._stopping = True
        self._thread.join(5)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]

    def _listen(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(0.2):
                try:
                    received = key.fileobj.recv(65536)  # type: ignore[union-attr]
                except BlockingIOError:
                    continue
                if not received:
                    self._selector.unregister(key.fileobj)
                    continue
                now = time.time() * 1000
                is_owner, rest = key.data
                *lines, key.data[1] = (rest + received).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: {"):
                        self._hear(json.loads(line[6:]), now, is_owner=is_owner)

    def _hear(self, event: dict[str, Any], now: float, *, is_owner: bool) -> None:
        with self._changed:
            if is_owner and event["topic"] == "notification.created":
                self._notes[event["notification"]] = Note(event["notification"], event["id"], now)
            elif not is_owner and event["topic"] == "contacts.traffic":
                self._heard.setdefault(event["id"], []).append(now)
            self._changed.notify_all()
