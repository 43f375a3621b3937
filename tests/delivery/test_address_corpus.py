"""S4-52, S4-53, S4-56: labelled addresses are split right, above bars that only rise."""

from __future__ import annotations

import pytest

from tests.delivery.scoring import Score, load, score

GIVEN = load("addresses.jsonl")
"""Public and operators' addresses, labelled by hand."""
WRITTEN = load("written.jsonl")
"""Addresses written for this project in the styles of the others; the people behind them are invented."""
STYLES = sorted({record["style"] for record in GIVEN})


def plain_ones(records: list[dict[str, object]]) -> list[dict[str, object]]:
    return [record for record in records if "context" not in record]


def above(found: Score, exact: float, f1: float, astray: float) -> None:
    __tracebackhide__ = True
    assert found.share(found.exact) >= exact, found.failed
    assert found.f1 >= f1, found.failed
    assert found.share(found.astray) <= astray, found.failed


def test_the_given_addresses_are_split() -> None:
    above(score(plain_ones(GIVEN)), exact=0.95, f1=0.99, astray=0.03)


def test_the_written_addresses_are_split() -> None:
    above(score(plain_ones(WRITTEN)), exact=0.98, f1=0.995, astray=0.01)


@pytest.mark.parametrize("style", STYLES)
def test_no_style_is_neglected(style: str) -> None:
    found = score([record for record in GIVEN + WRITTEN if record["style"] == style])

    assert found.share(found.exact) >= 0.88, found.failed


def test_the_home_city_is_assumed_only_where_no_place_is_named() -> None:
    """S4-56: every one of these counts."""
    found = score([record for record in GIVEN + WRITTEN if "context" in record])

    assert found.failed == []


def test_the_project_has_enough_addresses_of_its_own() -> None:
    texts = {record["text"].lower() for record in WRITTEN}

    assert len(texts) >= 200
    assert not texts & {record["text"].lower() for record in GIVEN}
