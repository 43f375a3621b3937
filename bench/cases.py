"""Pages of an addon among many of its documents, as one person asks for them: how long each takes, and how many statements."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from bench.browser import Browser
from bench.data import Dealership
from bench.inside import Inside
from bench.instances import Prepared
from bench.measuring import Effort, Side, latency
from bench.people import signed_in
from bench.report import say, verdicts
from bench.serving import served
from bench.workloads import Ask, Bars
from core.clock import utcnow

Rows = TypeVar("Rows", bound=Dealership)
PAGE = Bars(statements=8)
"""What any page may take."""


@dataclass(frozen=True, slots=True)
class Case(Generic[Rows]):
    """A page: who asks for it, what has to stand in it, what it may take."""

    code: str
    title: str
    login: str
    asks: Callable[[Rows, int], Ask]
    bars: Bars = PAGE


def measure(prepared: Prepared[Rows], cases: Sequence[Case[Rows]], effort: Effort, what: str) -> dict[str, Any]:
    """The figures of the cases, by their codes: one client, one worker, over loopback.

    :param what: the documents that the scale counts.
    """
    _title(prepared, what)
    started = utcnow()
    asked = {case.code: partial(case.asks, prepared.dealership) for case in cases}
    with closing(Inside(prepared.config)) as inside:
        statements = {case.code: len(inside.statements(case.login, asked[case.code]).sent) for case in cases}
    people = signed_in(prepared.config, started, {case.login for case in cases})
    found = {}
    with served("ours", prepared.config, started) as server:
        for case in cases:
            person = people[case.login]
            side = Side(server, partial(Browser, server.port, person.cookie, person.form_token), asked[case.code])
            worked = server.cpu()
            latency([side], effort)
            cpu = (server.cpu() - worked) * 1000 / side.asked
            found[case.code] = {**side.delays(), "cpu": cpu, "statements": statements[case.code]}
            _line(case, found[case.code])
    return found


def _title(prepared: Prepared[Any], what: str) -> None:
    say(f"\n{prepared.kind}, {prepared.scale:,} {what}; load {os.getloadavg()[0]:.1f}")
    say(f"{'':<6}{'':<36}{'p50 ms':>8}{'p95':>8}{'CPU ms':>8}{'SQL':>5}{'kB':>7}  bars")


def _line(case: Case[Any], found: Mapping[str, Any]) -> None:
    say(
        f"{case.code:<6}{case.title:<36}{found['p50']:>8.2f}{found['p95']:>8.2f}{found['cpu']:>8.2f}{found['statements']:>5}"
        f"{found['bytes'] / 1024:>7.1f}  {verdicts(case.bars, {'ours': found, 'statements': found['statements']})}"
    )
