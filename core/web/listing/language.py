"""Columns that exist once per language, such as ``title_ru`` and ``title_en`` of a directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import SQLColumnExpression
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class InLanguage:
    """Two expressions of which the reader's language chooses one."""

    ru: SQLColumnExpression[Any]
    en: SQLColumnExpression[Any]


Expression = SQLColumnExpression[Any] | InLanguage


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


def type_of(expression: SQLColumnExpression[Any]) -> TypeEngine[Any]:
    """The type of an expression's values, which SQLAlchemy's own typing does not promise for attributes."""
    found: TypeEngine[Any] = getattr(expression, "type")  # noqa: B009
    return found
