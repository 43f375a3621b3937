"""Page statements made once and run again with other values.

Building a list's statement and working out its cache key cost several times what the database needs for a page. What
changes from request to request are only the values of the filters and the place; so a statement is kept for each
shape of them, and the values are handed over when it runs. The session's row rules are put on it as on any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, true

MOST = 500
"""Statements kept for one screen."""


class PreparedPages:
    """The statements of one plan, by the shape of their conditions."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[Select[Any], list[BindParameter[Any]]]] = {}

    def get(
        self,
        conditions: Sequence[ColumnElement[bool]],
        variant: tuple[Any, ...],
        build: Callable[[ColumnElement[bool]], Select[Any]],
    ) -> tuple[Select[Any], dict[str, Any]]:
        """The statement ``build`` makes of the conditions, and the values to run it with.

        :param variant: what besides the conditions makes one statement another.
        """
        condition = and_(true(), *conditions)
        shape = condition._generate_cache_key()
        if shape is None:
            return build(condition), {}
        key = (shape.key, *variant)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[key] = (build(condition), list(shape.bindparams))
        statement, places = known
        values = {place.key: given.effective_value for place, given in zip(places, shape.bindparams, strict=True)}
        return statement, values
