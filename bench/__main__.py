"""``python -m bench``: every workload of the performance table on both databases, beside the floor, in one run.

    python -m bench                                  # 10 k contacts, both databases, everything
    python -m bench --quick                          # 10 k, fewer requests, under two minutes
    python -m bench --scale 10k,100k,1m              # with growth; the data of a scale are made once and kept
    python -m bench --only W1,W4 --database sqlite   # some of it
    python -m bench --only workshop                  # the workshop's pages among 300 000 repair orders
    python -m bench --only rounds                    # the delivery desk with 2 000 orders of a day
    python -m bench --only calls                     # telephony: what an exchange tells, under load
    python -m bench --profile W1                     # where a request's time goes, in this process

It is no test: nothing fails because a figure is bad. See ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench import boot, calls, cases, popup, report, rounds, workshop
from bench.browser import Browser
from bench.cases import Case, Rows
from bench.data import Dealership
from bench.inside import Inside
from bench.instances import SHOWROOM, Plan, Prepared, prepare
from bench.measuring import Effort, measure
from bench.people import signed_in
from bench.postgres import KeptPostgres
from bench.report import say
from bench.serving import served
from bench.workloads import WORKLOADS, Ask, Workload
from core.clock import utcnow
from core.config import Config
from core.testing.statements import Statements

KINDS = ("sqlite", "postgresql")
SUFFIXES = {"k": 1_000, "m": 1_000_000}
OTHERS = ("popup", "W6")
SALES = (*(each.code for each in WORKLOADS), *OTHERS)
"""What is measured at the scales of traffic and sales."""
WORKSHOP, ROUNDS, CALLS = "workshop", "rounds", "calls"
CLIENTS_CALL = 10_000
"""Contacts of the dealership whose telephones ring."""
PARTS: dict[str, Any] = {WORKSHOP: workshop, ROUNDS: rounds, CALLS: calls}
"""What is measured in data of its own, by its module."""
QUICK = Effort(requests=60, seconds=0.5, rounds=1)


def main() -> None:
    """Measure what was asked for and print it."""
    chosen = _arguments()
    logging.disable(logging.WARNING)
    wanted = set((chosen.only or chosen.profile or ",".join((*SALES, *PARTS))).split(","))
    codes = {part: {case.code for case in each.CASES} for part, each in PARTS.items()}
    wanted = wanted.union(*(codes[part] for part in wanted & codes.keys()))
    found: dict[str, Any] = {"at": utcnow().isoformat(timespec="seconds"), "machine": machine(), "databases": {}}
    say(f"{found['machine']}, {found['at']}")
    chosen.data.mkdir(parents=True, exist_ok=True)
    target = chosen.json or chosen.data / "figures.json"
    for kind in chosen.database.split(","):
        with _server(kind, chosen.data) as server:
            found["databases"][kind] = _database(kind, server, chosen, wanted)
        target.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    say(f"\nAll figures: {target}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="10k", help="numbers of contacts: 10k,100k,1m")
    parser.add_argument("--orders", default=str(workshop.ORDERS), help="number of repair orders in the workshop")
    parser.add_argument("--deliveries", default=str(rounds.ORDERS), help="number of orders with delivery")
    parser.add_argument("--database", default=",".join(KINDS))
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "forecourt-bench", help="kept here")
    parser.add_argument("--only", default="", help=f"codes, {', '.join((*OTHERS, *PARTS))}")
    parser.add_argument("--quick", action="store_true", help="fewer requests, 10 k contacts and orders")
    parser.add_argument("--json", type=Path, help="where the figures go (default: the data folder)")
    parser.add_argument("--profile", default="", metavar="CODE", help="profile one workload in this process")
    chosen = parser.parse_args()
    chosen.scales = [10_000] if chosen.quick else sorted(_number(text) for text in chosen.scale.split(","))
    chosen.orders = 10_000 if chosen.quick else _number(chosen.orders)
    chosen.deliveries = 10_000 if chosen.quick else _number(chosen.deliveries)
    chosen.effort = QUICK if chosen.quick else Effort()
    return chosen


def _number(text: str) -> int:
    text = text.strip().lower().replace("_", "")
    return int(text[:-1]) * SUFFIXES[text[-1]] if text[-1] in SUFFIXES else int(text)


def machine() -> str:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, load {load:.1f} at the start"
    )


@contextmanager
def _server(kind: str, data: Path) -> Iterator[KeptPostgres | None]:
    if kind == "sqlite":
        yield None
        return
    server = KeptPostgres(data)
    try:
        yield server
    finally:
        server.stop()


def _database(kind: str, server: KeptPostgres | None, chosen: argparse.Namespace, wanted: set[str]) -> dict[str, Any]:
    found = _sales(kind, server, chosen, wanted) if wanted.intersection(SALES) else {}
    found |= _pages(
        kind, server, chosen, wanted, WORKSHOP, workshop.PLAN, workshop.CASES, chosen.orders, "repair orders"
    )
    found |= _pages(kind, server, chosen, wanted, ROUNDS, rounds.PLAN, rounds.CASES, chosen.deliveries, "deliveries")
    if told := [case for case in calls.CASES if case.code in wanted and not chosen.profile]:
        ringing = partial(prepare, chosen.data, CLIENTS_CALL, kind, server, calls.PLAN)
        found[CALLS] = calls.measure(ringing, told, quick=chosen.quick)
    return found


def _pages(
    kind: str,
    server: KeptPostgres | None,
    chosen: argparse.Namespace,
    wanted: set[str],
    name: str,
    plan: Plan[Rows],
    all_cases: Sequence[Case[Rows]],
    scale: int,
    what: str,
) -> dict[str, Any]:
    """The pages of one addon that were asked for, in an instance of their own."""
    asked = [case for case in all_cases if case.code in wanted]
    if not asked:
        return {}
    prepared = prepare(chosen.data, scale, kind, server, plan)
    if chosen.profile:
        rows = prepared.dealership
        _profile(prepared.config, [(case.code, case.login, partial(case.asks, rows)) for case in asked])
        return {}
    return {name: cases.measure(prepared, asked, chosen.effort, what)}


def _sales(kind: str, server: KeptPostgres | None, chosen: argparse.Namespace, wanted: set[str]) -> dict[str, Any]:
    by_scale: dict[int, dict[str, Any]] = {}
    found: dict[str, Any] = {"scales": by_scale}
    workloads = [each for each in WORKLOADS if each.code in wanted]
    for scale in chosen.scales:
        prepared = prepare(chosen.data, scale, kind, server, SHOWROOM)
        if chosen.profile:
            _profile(
                prepared.config,
                [(each.code, each.login, partial(each.ours, prepared.dealership)) for each in workloads],
            )
        elif workloads:
            by_scale[scale] = _workloads(prepared, server, workloads, chosen.effort)
    if chosen.profile:
        return found
    found["growth"] = report.growth(kind, by_scale)
    if "popup" in wanted:
        # Nobody has to deal with what the workloads have registered.
        prepared = prepare(chosen.data, chosen.scales[-1], kind, server, SHOWROOM)
        found["popup"] = _popups(kind, prepared, quick=chosen.quick)
    if "W6" in wanted:
        found["W6"] = _boots(kind, prepare(chosen.data, chosen.scales[-1], kind, server, SHOWROOM))
    return found


def _workloads(
    prepared: Prepared[Dealership], server: KeptPostgres | None, workloads: Sequence[Workload], effort: Effort
) -> dict[str, Any]:
    report.scale_title(prepared.kind, prepared.scale)
    statements = _statements(prepared, workloads)
    started = utcnow()
    people = signed_in(prepared.config, started, {each.login for each in workloads})
    config, postmaster = prepared.config, server.pid if server else None
    found: dict[str, Any] = {}
    with served("ours", config, started) as ours, served("floor", config, started) as floor:
        for workload in workloads:
            person = people[workload.login]
            mine = partial(Browser, ours.port, person.cookie, person.form_token)
            theirs = partial(Browser, floor.port)
            sides = measure(workload, prepared.dealership, (ours, mine), (floor, theirs), postmaster, effort)
            figures = [side.figures() for side in sides]
            found[workload.code] = {
                "ours": figures[0],
                "floor": figures[1],
                "statements": len(statements[workload.code].sent),
                "committed": statements[workload.code].committed,
                "cpu_ratio": figures[0]["cpu"] / figures[1]["cpu"],
            }
            if "W1" in found:
                found[workload.code]["first_page"] = found["W1"]["ours"]["cpu"]
            report.line(workload.code, found[workload.code])
    return found


def _statements(prepared: Prepared[Dealership], workloads: Sequence[Workload]) -> dict[str, Statements]:
    """Statements a request, without BEGIN and COMMIT."""
    with closing(Inside(prepared.config)) as inside:
        return {each.code: inside.statements(each.login, partial(each.ours, prepared.dealership)) for each in workloads}


def _profile(config: Config, asked: Iterable[tuple[str, str, Callable[[int], Ask]]]) -> None:
    with closing(Inside(config)) as inside:
        for code, login, asks in asked:
            for text in inside.statements(login, asks).texts:
                say("  " + " ".join(text.split())[:160])
            milliseconds, statistics = inside.profile(login, asks)
            say(f"{code}: {milliseconds:.2f} ms of processor time a request, {config.database_url.partition(':')[0]}")
            statistics.sort_stats("cumtime").print_stats(40)
            statistics.sort_stats("tottime").print_stats(40)


def _popups(kind: str, prepared: Prepared[Dealership], *, quick: bool) -> dict[str, Any]:
    registrations = 20 if quick else 50
    found = {"one window of ten tabs": popup.measure(prepared, 0, registrations)}
    if not quick:
        found["ten windows side by side"] = popup.measure(prepared, 0, registrations, all_in_sight=True)
        found["one window of ten tabs, and 200 streams of others"] = popup.measure(prepared, 200, registrations)
    report.popups(kind, found)
    return found


def _boots(kind: str, prepared: Prepared[Dealership]) -> dict[str, Any]:
    workers = 1 if kind == "sqlite" else 4
    most = report.MEMORY_ALONE if kind == "sqlite" else report.MEMORY_WORKERS
    found = {}
    for command in ("web", "run"):
        title = f"{kind}, {command}, {workers} worker{'s' if workers > 1 else ''}"
        found[title] = boot.measure(prepared, command, workers)
    report.boots([(title, figures, most) for title, figures in found.items()])
    return found


if __name__ == "__main__":
    main()
