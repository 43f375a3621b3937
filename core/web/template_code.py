"""The Python that templates become, without what these templates never need.

Jinja asks every callable at each call whether it wants the context, looks every import up at each use and lets every
macro escape or not. Here a function is asked when its name is looked up, an import is the same module for as long as
the environment lives, and everything is escaped: so a call is a call.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from keyword import iskeyword
from typing import Any

import markupsafe
from jinja2 import Environment, nodes, runtime
from jinja2.compiler import CodeGenerator, Frame
from jinja2.utils import missing
from markupsafe import Markup

_MARK = "jinja_pass_arg"
_OWN = "; from core.web.template_code import Macro, escape"


class DirectCalls(CodeGenerator):
    """Writes calls as calls; :class:`OwnContext` has seen to what wants more than its arguments."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """``f(…)`` instead of ``context.call(f, …)``; what is rare is left to Jinja."""
        if node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for number, each in enumerate([*node.args, *node.kwargs]):
            self.write(", " if number else "")
            self.visit(each, frame)
        if forward_caller:
            self.write(", caller=caller" if node.args or node.kwargs else "caller=caller")
        self.write(")")


class OwnContext(runtime.Context):
    """Gives a function that is marked with ``pass_context`` or its like what it is marked for, at any later call.

    It is the context of the whole template: of the variables of the loop it is called in it knows nothing.
    """

    def resolve_or_missing(self, key: str) -> Any:
        """The value of a name; what is marked comes with its first argument."""
        if key in self.vars:
            value = self.vars[key]
        elif key in self.parent:
            value = self.parent[key]
        else:
            return missing
        return partial(self.call, value) if callable(value) and is_marked(value) else value


def is_marked(called: Any) -> bool:
    """Whether something that can be called wants the context, a part of it, or the environment before its arguments."""
    return _MARK in getattr(called, "__dict__", ()) or _MARK in getattr(type(called).__call__, "__dict__", ())


def with_own_runtime(code: str) -> str:
    """The code of a template with the macros and the escaping of this module; its lines keep their numbers."""
    imports, rest = code.split("\n", 1)
    return f"{imports}{_OWN}\n{rest}"


def escape(value: Any) -> str:
    """A value as HTML, as ever. What is HTML already, and a text without a character that means anything, stay as they
    are: that is nearly all of a page, and what a template writes is put together as text."""
    kind = type(value)
    if kind is Markup or (kind is str and _meaning(value) is None):
        text: str = value
        return text
    return markupsafe.escape(value)


_meaning = re.compile("[&<>'\"]").search


class Macro(runtime.Macro):
    """A macro that puts its arguments in their places and runs."""

    def __init__(self, environment: Environment, *how: Any) -> None:
        super().__init__(environment, *how)
        self._places, self._empty = _layout(tuple(self.arguments), self.caller and not self.explicit_caller)
        self._is_plain = not (self.catch_kwargs or self.catch_varargs)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """The macro's markup; a call that does not fit is left to Jinja, which says what is wrong."""
        count, places = len(given), self._places
        if not self._is_plain or count > self._argument_count:
            return super().__call__(*given, **named)
        values = [*given, *self._empty[count:]]
        for name, value in named.items():
            place = places.get(name, -1)
            if place < count:
                return super().__call__(*given, **named)
            values[place] = value
        if self.caller and values[-1] is missing:
            return super().__call__(*given, **named)
        return str.__new__(Markup, self._func(*values))


@lru_cache(maxsize=1024)
def _layout(arguments: tuple[str, ...], caller: bool) -> tuple[dict[str, int], list[Any]]:
    """Where a macro's arguments stand, and the places while nothing is in them; bodies of calls are made at each use."""
    names = [*arguments, "caller"] if caller else list(arguments)
    return {name: place for place, name in enumerate(names)}, [missing] * len(names)
