"""JSON values from outside: parsed strictly, checked for what no database keeps, taken one by one (SEC-30)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from core.web.http import checked_text
from core.web.i18n import T

if TYPE_CHECKING:
    from core.web.http import Request

DEEPEST = 32
LONGEST_NUMBER = 10**20
Say = Callable[..., str]

FILL_IN = T("Fill this in.")
NO_SUCH_FIELD = T("There is no such field, or it cannot be set here.")


class Wrong(Exception):
    """A value that cannot be taken; the text says why, in the caller's language."""


def read_object(request: Request, *, needed: bool = True) -> dict[str, Any]:
    """The body as an object.

    :param needed: refuse a request without a body, which otherwise counts as an empty object.
    :raises BadRequest: for what is no JSON, is nested over 32 deep, or holds what cannot be stored;
    :raises UnsupportedMediaType: for anything but ``application/json``.
    """
    if not needed and not request.get_data():
        return {}
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    body = request.json()
    if not isinstance(body, dict) or not _storable(body):
        raise BadRequest
    return body


def _storable(value: Any, depth: int = 0) -> bool:
    """Whether a value holds nothing too deep, too long or unstorable."""
    if isinstance(value, str):
        return checked_text(value)
    if isinstance(value, int):
        return abs(value) < LONGEST_NUMBER
    if isinstance(value, (dict, list)):
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        return depth < DEEPEST and all(_storable(each, depth + 1) for each in inner)
    return True


def read_value(kind: Any, value: Any, say: Say) -> Any:
    """The value as its type.

    :raises Wrong: when it is none of that type or breaks its limits.
    """
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        raise Wrong(_why(_main_type(kind), value, say)) from error


@cache
def _main_type(kind: Any) -> msgspec.inspect.Type:
    """What a type is besides being empty."""
    info = msgspec.inspect.type_info(kind)
    if isinstance(info, msgspec.inspect.UnionType):
        return next(each for each in info.types if not isinstance(each, msgspec.inspect.NoneType))
    return info


def _why(info: msgspec.inspect.Type, value: Any, say: Say) -> str:
    """Why a value is none of the type."""
    if isinstance(info, msgspec.inspect.StrType) and isinstance(value, str):
        if info.max_length is not None and len(value) > info.max_length:
            return say(T("At most %(max)s characters."), max=info.max_length)
        return say(FILL_IN)
    if isinstance(info, msgspec.inspect.IntType) and isinstance(value, int) and not isinstance(value, bool):
        return say(T("A number from %(low)s to %(high)s."), low=info.ge, high=info.le)
    return say(_EXPECTED.get(type(info), T("This is not understood.")))


_EXPECTED: Mapping[type[msgspec.inspect.Type], str] = {
    msgspec.inspect.StrType: T("A text is expected here."),
    msgspec.inspect.IntType: T("This is not a whole number."),
    msgspec.inspect.BoolType: T("Here true or false is expected."),
    msgspec.inspect.DateTimeType: T("A moment with its zone is expected here, such as 2026-11-20T11:07:00Z."),
    msgspec.inspect.DateType: T("This is not a date."),
    msgspec.inspect.LiteralType: T("Choose one of the list."),
    msgspec.inspect.ListType: T("A list is expected here."),
}


def read_struct(kind: type[msgspec.Struct], body: Mapping[str, Any], say: Say) -> tuple[Any, dict[str, list[str]]]:
    """A struct out of a body and what is wrong with it by field; the struct is ``None`` when anything is."""
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    known = {each.encode_name: each for each in msgspec.structs.fields(kind)}
    for name in body.keys() - known.keys():
        errors[name[:60]] = [say(NO_SUCH_FIELD)]
    for name, field in known.items():
        if name not in body:
            if field.required:
                errors[name] = [say(FILL_IN)]
            continue
        try:
            values[field.name] = read_value(field.type, body[name], say)
        except Wrong as wrong:
            errors[name] = [str(wrong)]
    return (None if errors else kind(**values)), errors
