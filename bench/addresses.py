"""How many addresses a second one core splits: ``python -m bench.addresses``."""

from __future__ import annotations

import argparse
import statistics
import time

from addons.delivery.address import parse
from tests.delivery.scoring import load

PASSES = 10


def main() -> None:
    """Split the labelled addresses a few times and print the best pass, the middle and the slow ones."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--passes", type=int, default=PASSES)
    texts = [record["text"] for name in ("addresses.jsonl", "written.jsonl") for record in load(name)]
    started = time.perf_counter()
    parse(texts[0])
    first = time.perf_counter() - started
    passes = [one_pass(texts) for _ in range(chosen.parse_args().passes)]
    best = min(passes, key=sum)
    slow = statistics.quantiles(best, n=20)[-1]
    print(
        f"{len(best) / sum(best):,.0f} addresses/s; median {statistics.median(best) * 1e3:.3f} ms, p95 {slow * 1e3:.3f} ms"
    )
    print(f"the first one, with the tables: {first * 1e3:.0f} ms")


def one_pass(texts: list[str]) -> list[float]:
    """Seconds for each text."""
    taken = []
    for text in texts:
        started = time.perf_counter()
        parse(text)
        taken.append(time.perf_counter() - started)
    return taken


if __name__ == "__main__":
    main()
