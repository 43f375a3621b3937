"""What addons add to the words of another one through its hooks: items with codes, tested before they are used.

Whoever offers such a hook says with its specification what the items have to be like, and uses them untested: an item that
is not so fails the addon that gives it, and never the one that asks for it (SEC-59).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.host.misfits import NO_SUCH_KIND, Misfit
from core.text.msgids import T

WRONG_PART = T("Its hook «%(hook)s» gave %(item)s, whose «%(part)s» is %(value)s, which is no %(kind)s.")
WRONG_CODE = T(
    "Its hook «%(hook)s» gave %(item)s, whose code is not «%(addon)s.» and then small Latin letters, digits or «_»."
)
TOO_LONG = T("Its hook «%(hook)s» gave %(item)s, whose «%(part)s» is longer than %(longest)s characters.")
TWICE = T("Its hook «%(hook)s» gave %(item)s twice.")
NO_ICON = T("Its hook «%(hook)s» gave %(item)s with the icon «%(icon)s», which there is not.")

Spec = TypeVar("Spec", bound=Callable[..., Any])
_REST = re.compile("[a-z0-9_]+")
_MARK = "forecourt_vocabulary"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the items of a hook that takes nothing have to be like; said below ``@hookspec``.

    Where ``longest`` speaks of a ``code``, each has one, which begins with the name of the addon that gives it: nobody
    replaces a word of anybody else.

    :param kind: the class of the items, or its name where it is not to be imported yet; ``object`` where any with these
        attributes will do.
    :param has: the attributes beside the code, each with its class or union of classes.
    :param longest: the characters that columns hold of code and attributes.
    :param icons: the attributes that name icons.
    """

    kind: type | str
    has: Mapping[str, Any]
    longest: Mapping[str, int] = field(default_factory=dict)
    icons: Sequence[str] = ()

    def __call__(self, spec: Spec) -> Spec:
        setattr(spec, _MARK, self)
        return spec

    def expect_fit(self, addon: str, hook: str, items: Sequence[Any]) -> None:
        """Look through what an addon gives to the hook.

        :raises Misfit: for the first item that is not so.
        """
        taken: set[str] = set()
        for item in items:
            for message, values in self._problems(addon, item, taken):
                raise Misfit(message, hook=hook, item=_called(item), **values)
            taken.add(getattr(item, "code", ""))

    def _problems(self, addon: str, item: Any, taken: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
        """What is wrong with an item; each test relies on those before it."""
        if not _is(item, self.kind):
            yield NO_SUCH_KIND, {"kind": _named(self.kind)}
        coded = {"code": str} if "code" in self.longest else {}
        for part, kind in {**coded, **self.has}.items():
            value = getattr(item, part, None)
            if not isinstance(value, kind):
                yield WRONG_PART, {"part": part, "value": repr(value), "kind": _named(kind)}
        if coded:
            yield from _problems_of_code(addon, item.code, taken)
        for part, longest in self.longest.items():
            if len(getattr(item, part)) > longest:
                yield TOO_LONG, {"part": part, "longest": str(longest)}
        for icon in _unknown_icons([getattr(item, part) for part in self.icons]):
            yield NO_ICON, {"icon": icon}


def _problems_of_code(addon: str, code: str, taken: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
    owner, _, rest = code.partition(".")
    if owner != addon or not _REST.fullmatch(rest):
        yield WRONG_CODE, {"addon": addon}
    if code in taken:
        yield TWICE, {}


def vocabulary_of(spec: Callable[..., Any]) -> Vocabulary | None:
    """What a specification says of the items, if anything."""
    found: Vocabulary | None = getattr(spec, _MARK, None)
    return found


def _is(item: Any, kind: type | str) -> bool:
    if isinstance(kind, type):
        return isinstance(item, kind)
    return any(each.__name__ == kind for each in type(item).__mro__)


def _called(item: Any) -> str:
    code = getattr(item, "code", None)
    return f"«{code}»" if isinstance(code, str) else repr(item)


def _named(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _unknown_icons(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    from core.web.assets import unknown_icons  # not for a vocabulary that is never drawn

    return unknown_icons(names)
