"""What a run has found, as a table to read and as a file to compare."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from bench.workloads import WORKLOADS, Bars

POPUP_P95 = 100.0
BOOT_SECONDS, MEMORY_WORKERS, MEMORY_ALONE = 1.0, 120.0, 70.0
HEAD = f"{'':<6}{'':<34}{'p50 ms':>8}{'p95':>8}{'op/s':>7}{'CPU ms':>8}{'DB ms':>7}{'SQL':>5}{'kB':>7}"
HEAD += f"{'floor p50':>11}{'op/s':>7}{'CPU':>7}{'CPU ÷':>7}{'op/s ÷':>8}  bars"


def say(text: str = "") -> None:
    """A line of the report, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def scale_title(kind: str, scale: int) -> None:
    """What the following table is about."""
    say(f"\n{kind}, {scale:,} contacts; floor: hand-written SQL and a flat template behind the same server")
    say(HEAD)


def line(code: str, found: Mapping[str, Any]) -> None:
    """One workload's row."""
    workload = next(each for each in WORKLOADS if each.code == code)
    ours, floor = found["ours"], found["floor"]
    say(
        f"{code:<6}{workload.title:<34}{ours['p50']:>8.2f}{ours['p95']:>8.2f}{ours['rate']:>7.0f}{ours['cpu']:>8.2f}"
        f"{ours['database_cpu']:>7.2f}{found['statements']:>5}{ours['bytes'] / 1024:>7.1f}"
        f"{floor['p50']:>11.2f}{floor['rate']:>7.0f}{floor['cpu']:>7.2f}{found['cpu_ratio']:>7.2f}"
        f"{ours['rate'] / floor['rate']:>8.2f}  {verdicts(workload.bars, found)}"
    )


def verdicts(bars: Bars, found: Mapping[str, Any]) -> str:
    """Each required figure with whether it is met."""
    checks = []
    if bars.statements is not None:
        committed = found.get("committed")
        told = f" in one commit ({committed})" if committed else ""
        checks.append((f"SQL ≤ {bars.statements}{told}", (committed or found["statements"]) <= bars.statements))
    if bars.cpu is not None:
        checks.append((f"CPU ≤ {bars.cpu}× floor", found["cpu_ratio"] <= bars.cpu))
    if bars.milliseconds is not None:
        checks.append((f"p50 ≤ {bars.milliseconds:g} ms", found["ours"]["p50"] <= bars.milliseconds))
    if bars.to_first_page is not None and "first_page" in found:
        ratio = found["ours"]["cpu"] / found["first_page"]
        checks.append((f"≤ {bars.to_first_page}× W1 ({ratio:.2f})", ratio <= bars.to_first_page))
    return "; ".join(f"{text} {mark(met)}" for text, met in checks)


def mark(met: bool) -> str:
    """Met or not, in words."""
    return "met" if met else "NOT MET"


def growth(kind: str, by_scale: Mapping[int, Mapping[str, Any]]) -> dict[str, float]:
    """W8: the exponents from the smallest to the largest scale, by the processor time of server and database."""
    scales = sorted(by_scale)
    if len(scales) < 2:
        return {}
    first, last = by_scale[scales[0]], by_scale[scales[-1]]
    say(f"\n{kind}: growth from {scales[0]:,} to {scales[-1]:,} contacts, as the exponent of CPU (server + database)")
    found = {}
    for workload in WORKLOADS:
        if workload.code not in first or workload.code not in last:
            continue
        costs = [each[workload.code]["ours"] for each in (first, last)]
        small, large = (cost["cpu"] + cost["database_cpu"] for cost in costs)
        exponent = math.log(large / small) / math.log(scales[-1] / scales[0])
        found[workload.code] = exponent
        bar = workload.bars.growth
        verdict = f"  ≤ {bar}: {mark(exponent <= bar)}" if bar is not None else ""
        say(f"  {workload.code:<6}{workload.title:<34}{exponent:>7.3f}{verdict}")
    return found


def popups(kind: str, found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """The pop-up's table."""
    say(f"\n{kind}: from a registration to the specialist's screen, milliseconds")
    words = {
        "sent_to_front": "form sent → pop-up in the front tab",
        "written_to_front": "event written → pop-up in the front tab",
        "written_to_slowest": "event written → pop-up in the last of ten tabs",
        "written_to_socket": "event written → the person's stream",
        "written_to_all_sockets": "event written → the last of all streams",
    }
    for case, delays in found.items():
        say(f"  {case}")
        for name, cuts in delays.items():
            bar = f"  p95 ≤ {POPUP_P95:.0f}: {mark(cuts['p95'] <= POPUP_P95)}" if name == "written_to_front" else ""
            say(f"    {words[name]:<48} p50 {cuts['p50']:>7.1f}  p95 {cuts['p95']:>7.1f}{bar}")


def boots(found: Iterable[tuple[str, Mapping[str, float], float]]) -> None:
    """W6."""
    say("\nW6: start and memory")
    for title, figures, most in found:
        seconds, megabytes = figures["seconds"], figures["megabytes"]
        say(
            f"  {title:<44} answers after {seconds:>5.2f} s (≤ {BOOT_SECONDS:g}: {mark(seconds <= BOOT_SECONDS)})"
            f"  idle {megabytes:>6.1f} MB (≤ {most:g}: {mark(megabytes <= most)})"
        )
