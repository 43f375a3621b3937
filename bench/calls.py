"""Telephony under load: events of an exchange reduced and stored, bursts, a day of 20 000 calls, the pop-up, a campaign.

An exchange (``bench.exchange``) tells recorded calls, renumbered and overlapping, over loopback to the process that keeps the
links (``bench.linking``); what is stored is compared with what was told. Answered calls become contacts at once.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from addons.telephony.models import DONE, NOT_ASKED, Call, Link, Pbx
from addons.telephony.services import exchanges, registering
from addons.telephony.services.asterisk.messages import Parser
from addons.telephony.services.asterisk.reducer import Reducer
from bench import campaign
from bench.data import Dealership
from bench.exchange import CLASSES, Running, Script, exchange
from bench.instances import Plan, Prepared, office_of, staff
from bench.linking import links_kept
from bench.people import Person, signed_in
from bench.played import Played, calls, events_of, expected, first, templates, told
from bench.popup import Ears
from bench.report import say
from bench.serving import Served, served
from core.access.models import User
from core.clock import utcnow
from core.config import FILE
from core.db.engine import WorkSession
from core.host import instance, registry
from core.work import settings
from tests.support.chromium import _FLAGS, _find
from tests.support.system import need
from tests.telephony.manager import SECRET

if TYPE_CHECKING:
    from playwright.sync_api import Page

DAY = 86_400.0
PATIENCE = 1_800.0
"""Seconds after the last event in which everything has to be stored."""
LOOK = 0.2
EXTENSIONS = tuple(str(number) for number in range(201, 241))
REDUCED, STORED = 5_000, 1_500
"""Events a second that are aimed at; with a lag of less than a second."""


class Switchboard(Dealership):
    """A dealership whose specialists have telephones."""

    def forgetting(self) -> list[str]:
        """What takes away the rows that a run has added to these."""
        return [*super().forgetting(), *(f"DELETE FROM {table}" for table in _ADDED)]


_ADDED = (
    *(f"telephony_{name}" for name in ("call_contact", "call_check", "recording", "call_leg", "call_name", "call")),
    *(f"telephony_{name}" for name in ("live_phone", "live_call", "order", "attempt", "campaign", "link", "pbx")),
    *(f"contacts_{name}" for name in ("client_message", "delivery", "intake_source")),
    *(f"core_{name}" for name in ("task_reminder", "task_event", "task", "timeline_subject", "timeline_entry")),
)


def _staff(session: WorkSession) -> None:
    staff(session)
    logins = {f"specialist{place}": extension for place, extension in enumerate(EXTENSIONS, start=1)}
    for user in session.scalars(select(User).where(User.login.in_(logins))):
        user.extension = logins[user.login]
    settings.write(session, registering.GRACE, 0)


PLAN = Plan(
    name="calls-",
    addons=("contacts", "sales", "telephony"),
    sources=("data.py", "filling.py", "calls.py"),
    staff=_staff,
    rows=lambda session, contacts: Switchboard(contacts, office_of(session)),
)
"""Traffic and sales of three years, and a telephone on forty desks."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is told: seconds of steady calls, events of a burst, calls of a day."""

    seconds: int = 60
    burst: int = 200_000
    day: int = 20_000


QUICK = Size(seconds=15, burst=40_000, day=1_000)


# --- what is asked ----------------------------------------------------------------------------------


def steady(prepared: Prepared[Switchboard], rate: int, size: Size) -> dict[str, Any]:
    """So many events a second by the clock, and how late everything is stored once all calls overlap."""
    every = events_of(templates(CLASSES)) / rate
    script = Script(round(size.seconds / every), every, extensions=EXTENSIONS)
    with _heard(prepared, script) as (player, watch):
        began = player.hear("began")["began"]
        sent = player.hear("sent")
        found = watch.until_stored(time.time())
    lags = [each.lag for each in watch.samples if began + size.seconds / 2 < each.at < began + size.seconds]
    return {**found, "sent": sent["sent"], "late": sent["late"], "rate": rate, "lag_p50": statistics.median(lags),
            "lag_p95": statistics.quantiles(lags, n=20)[18], "lag_worst": max(lags), **watch.memory()}  # fmt: skip


def burst(prepared: Prepared[Switchboard], size: Size) -> dict[str, Any]:
    """20 000 events a second for ten seconds: whether all are taken, and when everything is stored."""
    script = Script(round(size.burst / events_of(templates(CLASSES))), 0.05, time.time() - 3_600, 20_000.0, EXTENSIONS)
    return _all_told(prepared, script)


def overflow(prepared: Prepared[Switchboard], size: Size) -> dict[str, Any]:
    """Three bursts at once, as fast as they go, which is more than may wait: what is thrown away is read from the log."""
    number = round(3 * size.burst / events_of(templates(CLASSES)))
    with tempfile.TemporaryDirectory(prefix="fc-cel-") as folder:
        log = Path(folder) / "cel.csv"
        script = Script(number, 0.05, time.time() - 7_200, -1.0, EXTENSIONS, log=str(log))
        return _all_told(prepared, script)


def day(prepared: Prepared[Switchboard], size: Size) -> dict[str, Any]:
    """A whole day of calls at 5 000 events a second, by the clock of an exchange that goes faster."""
    return _all_told(prepared, Script(size.day, DAY / size.day, time.time() - DAY - 600, float(REDUCED), EXTENSIONS))


def _all_told(prepared: Prepared[Switchboard], script: Script) -> dict[str, Any]:
    with _heard(prepared, script) as (player, watch):
        player.hear("began")
        since = time.time()
        sent = player.hear("sent")
        found = watch.until_stored(since)
    return {**found, "sent": sent["sent"], "told_s": sent["ended"] - since, "late": sent["late"], **watch.memory()}


def reduced(classes: tuple[str, ...] = CLASSES, number: int = 1_000) -> dict[str, Any]:
    """Events a second that one core cuts out of the bytes and reduces."""
    chosen = templates(classes)
    some = first(number, calls(chosen, 1_800_000_000.0, events_of(chosen) / REDUCED, EXTENSIONS, "9{:09d}".format))
    said = list(told(some))
    data = "".join(each.text for each in said).encode()
    parser, reducer = Parser(), Reducer()
    began, looked, found = time.process_time(), 0, 0
    for place in range(0, len(data), 65_536):
        for message in parser.feed(data[place : place + 65_536]):
            found += len(reducer.feed(message, 0.0))
        looked += len(reducer.on_line)
    spent = time.process_time() - began
    found += len(reducer.close())
    wanted = sum(expected(some)[0].values())
    return {
        "events": len(said),
        "rate": len(said) / spent,
        "calls": found,
        "expected": wanted,
        "cpu_us": spent / len(said) * 1e6,
    }


# --- how it is watched ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """How it stood at a moment: what is stored, how late, what the process of the links holds and has used."""

    at: float
    stored: int
    lag: float
    megabytes: float
    cpu: float


class Watch:
    """Looks at an instance and at the process of its links several times a second."""

    def __init__(self, engine: Engine, links: psutil.Process, wanted: Counter[str]) -> None:
        self._engine, self._links, self._wanted = engine, links, wanted
        self.samples: list[Sample] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def until_stored(self, since: float) -> dict[str, Any]:
        """Wait for all calls and their contacts: how long after a moment they are there, and what differs from what was told."""
        until, total = time.monotonic() + PATIENCE, sum(self._wanted.values())
        while (not self.samples or self.samples[-1].stored < total) and time.monotonic() < until:
            time.sleep(LOOK)
        stored = time.time()
        while (unregistered := self._unregistered()) and time.monotonic() < until:
            time.sleep(LOOK)
        registered = time.time()
        found = Counter(dict(self._rows(select(Call.disposition, func.count()).group_by(Call.disposition))))
        [link] = self._rows(select(Link.dropped, Link.connected, Link.gap_since, Link.gap_problem))
        return {
            "stored_s": stored - since, "registered_s": registered - since, "calls": total,
            "unlike": sum(((self._wanted - found) + (found - self._wanted)).values()), "unregistered": unregistered,
            "dropped": link.dropped, "connected": link.connected, "gap": str(link.gap_since or ""), "problem": link.gap_problem,
        }  # fmt: skip

    def _unregistered(self) -> int:
        """Calls whose contacts are still to be made."""
        [[number]] = self._rows(select(func.count()).where(Call.contact_state.not_in((DONE, NOT_ASKED))))
        return int(number)

    def memory(self) -> dict[str, Any]:
        """Megabytes when a twentieth is stored, half, and all; the most; and the processor time of the links."""
        last = self.samples[-1].stored
        by_share = {
            name: next((each.megabytes for each in self.samples if each.stored >= last * share), 0.0)
            for name, share in (("start_mb", 0.05), ("middle_mb", 0.5), ("end_mb", 1.0))
        }
        used = self.samples[-1].cpu - self.samples[0].cpu
        return {**by_share, "most_mb": max(each.megabytes for each in self.samples), "cpu_s": used}

    def _rows(self, statement: Any) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(statement).all()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK):
            try:
                [[stored]] = self._rows(select(func.count()).select_from(Call))
                heard = [each for [each] in self._rows(select(Link.heard_at)) if each is not None]
            except OperationalError:
                continue
            times, held = self._links.cpu_times(), self._links.memory_info().rss / 2**20
            now = time.time()
            lag = now - max(each.timestamp() for each in heard) if heard else 0.0
            self.samples.append(Sample(now, stored, lag, held, times.user + times.system))


@contextmanager
def _heard(prepared: Prepared[Switchboard], script: Script) -> Iterator[tuple[Running, Watch]]:
    """An exchange that is linked to the instance."""
    wanted, _ = expected(script.played(templates(script.classes), script.begin))
    with exchange(script) as player:
        _link_to(prepared, player.port, script.log)
        with links_kept(prepared.config) as links, instance.engine_of(prepared.config) as engine:
            watch = Watch(engine, links, wanted)
            try:
                yield player, watch
            finally:
                watch.stop()


def _link_to(prepared: Prepared[Switchboard], port: int, log: str) -> None:
    host = registry.start(instance.enabled(prepared.config), registry.discover(), strict=True)
    with instance.working(prepared.config, host, "benchmark") as session:
        pbx = Pbx(name="bench", host="127.0.0.1", port=port, account="forecourt", log=log)
        session.add(pbx)
        session.flush()
        exchanges.set_secret(session, pbx, SECRET)


# --- the pop-up -------------------------------------------------------------------------------------

STREAMS = 300
WATCHED = "240"
"""The extension of the specialist whose browser is watched; nobody answers where it rings."""
WATCH = """
document.addEventListener("DOMContentLoaded", () => {
  const look = () => {
    for (const note of document.querySelectorAll("#toasts .toastfc:not([data-timed])")) {
      note.dataset.timed = "";
      noted(performance.timeOrigin + performance.now(), note.textContent);
    }
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
});
"""


def popup(prepared: Prepared[Switchboard], size: Size) -> dict[str, Any]:
    """20 calls a second and 300 open streams: from the moment the exchange says that a phone rings to its pop-up."""
    (prepared.config.instance / FILE).write_text("threads = 400\n", encoding="utf-8")
    login = f"specialist{EXTENSIONS.index(WATCHED) + 1}"
    started = utcnow()  # the links, of another process, go by the same clock
    people = signed_in(prepared.config, started, {f"specialist{number}" for number in range(1, 41)})
    script = Script(20 * size.seconds, 1 / 20, extensions=EXTENSIONS[:-1], watched=WATCHED)
    noted: list[tuple[float, str]] = []
    with ExitStack() as stack:
        server = stack.enter_context(served("ours", prepared.config, started))
        crowd = [people[login], *(person for name, person in people.items() if name != login)]
        stack.enter_context(closing(Ears(server, crowd, STREAMS - 2)))  # one is the watched person's, one his browser's
        page = stack.enter_context(_watched(server, people[login], noted))
        player, watch = stack.enter_context(_heard(prepared, script))
        began = player.hear("began")["began"]
        while watch.samples[-1:] == [] or time.time() < began + size.seconds + 25:
            page.wait_for_timeout(500)
        player.hear("sent")
        found = watch.until_stored(time.time())
    delays = _delays(script.played(templates(script.classes), began), noted)
    rung = sum(ext == WATCHED for call in script.played(templates(script.classes), began) for ext, _, _ in call.rings())
    return {**found, "rung": rung, "seen": len(delays), "p50_ms": statistics.median(delays),
            "p95_ms": statistics.quantiles(delays, n=20)[18], "worst_ms": max(delays), **watch.memory()}  # fmt: skip


@contextmanager
def _watched(server: Served, person: Person, noted: list[tuple[float, str]]) -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need(_find, "chromium", "the pop-up"), args=_FLAGS)
        context = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "forecourt", "value": person.cookie, "url": f"http://127.0.0.1:{server.port}"}])
        context.expose_function("noted", lambda at, text: noted.append((at, text)))
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/desk")
        page.wait_for_timeout(2_000)  # its stream opens
        yield page
        browser.close()


def _delays(played: list[Played], noted: list[tuple[float, str]]) -> list[float]:
    """Milliseconds from each ring of the watched phone to its pop-up, known by the client's number."""
    seen = [(at, re.sub(r"\D", "", text)) for at, text in noted]
    found = []
    for call in played:
        for ext, client, at in call.rings():
            if ext == WATCHED and client:
                after = (moment for moment, digits in seen if client in digits and moment >= at * 1000)
                found += [moment - at * 1000 for moment in islice(after, 1)]
    return found


# --- all of them ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """Something that is measured."""

    code: str
    title: str
    measure: Callable[[Prepared[Switchboard], Size], dict[str, Any]]


CASES = (
    Case("T0", "reduced by one core, events a second", lambda _prepared, _size: reduced()),
    Case("T1", "1 500 events a second, reduced and stored", lambda prepared, size: steady(prepared, STORED, size)),
    Case("T2", "5 000 events a second, reduced and stored", lambda prepared, size: steady(prepared, REDUCED, size)),
    Case("T3", "burst of 20 000 events a second", burst),
    Case("T4", "more than fits, with the exchange's log", overflow),
    Case("T5", "a day of 20 000 calls", day),
    Case("T6", "pop-up at 20 calls a second and 300 streams", popup),
    Case("T7", "a campaign of auto-dial, full length", lambda prepared, _size: campaign.measure(prepared)),
)


def measure(
    prepared: Callable[[], Prepared[Switchboard]], cases: Sequence[Case], *, quick: bool
) -> dict[str, dict[str, Any]]:
    """The figures of the cases, by their codes, each on an instance without calls."""
    found = {}
    for case in cases:
        place = prepared()
        found[case.code] = case.measure(place, QUICK if quick else Size())
        say(f"\n{place.kind}, {case.code} {case.title}; load {os.getloadavg()[0]:.1f}")
        say("  " + ", ".join(f"{name} {_shown(value)}" for name, value in found[case.code].items()))
    return found


def _shown(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
