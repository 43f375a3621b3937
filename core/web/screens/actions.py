"""The buttons of a list and of a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.web.screens.fields import Field

if TYPE_CHECKING:
    from core.db.engine import WorkSession


@dataclass(frozen=True, slots=True)
class Action:
    """A button: of the list (``endpoint`` without arguments) or of the card (it gets ``record_id``).

    ``post`` makes it a form; ``key`` is printed on it and obeyed. Hidden without ``right``.
    """

    name: str
    label: str
    endpoint: str
    right: str
    icon: str = ""
    kind: str = "plain"
    key: str = ""
    post: bool = False
    order: int = 100
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something done with the selected rows, or with all rows of the filter; each row is checked by itself.

    ``run(session, record, values)`` raises a ``Refusal`` for a row that cannot be done. ``fields`` are asked first.
    """

    name: str
    label: str
    run: Callable[[WorkSession, Any, Mapping[str, Any]], object]
    right: str
    icon: str = ""
    fields: tuple[Field, ...] = ()
    danger: bool = False
