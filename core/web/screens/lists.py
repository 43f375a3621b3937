"""How the rows of a list are grouped, and the filters it is shipped with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression

from core.web.i18n import T
from core.web.listing.language import Expression
from core.web.screens.columns import Choice


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of each group besides its count: ``Total("amount", func.sum(Document.amount), kind="money")``."""

    name: str
    expression: ColumnElement[Any]
    label: str
    kind: str = "number"


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to group the rows: ``key`` tells the groups apart and orders them, ``title`` is what people read.

    ``words(viewer)`` gives the titles by key instead, asked for once a page.
    """

    name: str
    label: str
    key: SQLColumnExpression[Any]
    title: Expression | None = None
    choices: tuple[Choice, ...] = ()
    totals: tuple[Total, ...] = ()
    empty: str = T("Nobody")
    right: str = ""
    words: Callable[[Any], Mapping[Any, str]] | None = None
    addon: str = ""


@dataclass(frozen=True, slots=True)
class ReadyFilter:
    """A saved filter that is shipped: a tab over the list. ``query`` is what stands in the address."""

    name: str
    title: str
    query: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    right: str = ""
    tone: str = ""
