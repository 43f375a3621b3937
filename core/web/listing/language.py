"""Columns that exist once per language, such as ``title_ru`` and ``title_en`` of a directory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import SQLColumnExpression
from sqlalchemy.orm import object_session
from sqlalchemy.types import TypeEngine

from core.db.engine import WorkSession


@dataclass(frozen=True, slots=True)
class InLanguage:
    """Two expressions of which the reader's language chooses one."""

    ru: SQLColumnExpression[Any]
    en: SQLColumnExpression[Any]


Expression = SQLColumnExpression[Any] | InLanguage
"""What a list shows of a row: an SQL expression, or one for each language."""


def resolve(expression: Expression, language: str) -> SQLColumnExpression[Any]:
    """The expression to put into a query for a reader of this language."""
    if isinstance(expression, InLanguage):
        return expression.ru if language == "ru" else expression.en
    return expression


def variants(expression: Expression | None) -> tuple[SQLColumnExpression[Any], ...]:
    """All expressions that can stand there, for checks."""
    if expression is None:
        return ()
    return (expression.ru, expression.en) if isinstance(expression, InLanguage) else (expression,)


def named_by(name: str) -> Callable[[Any], str]:
    """Reads ``<name>_ru`` or ``<name>_en`` of a record, as whoever looks at it reads: for ``Screen.named``."""

    def read(record: Any) -> str:
        session = object_session(record)
        english = isinstance(session, WorkSession) and session.access.language == "en"
        return str(getattr(record, f"{name}_{'en' if english else 'ru'}"))

    return read


def spoken(name: str) -> str:
    """The language a column is always in, whoever reads it: of ``title_ru`` ``ru``; nothing for the others."""
    ending = name[-3:]
    return ending[1:] if ending in ("_ru", "_en") else ""


def type_of(expression: SQLColumnExpression[Any]) -> TypeEngine[Any]:
    """The type of an expression's values, which SQLAlchemy's own typing does not promise for attributes."""
    found: TypeEngine[Any] = getattr(expression, "type")  # noqa: B009
    return found
