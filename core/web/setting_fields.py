"""Typed settings as fields of a form: which control a setting has, and what its text means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, get_origin

from core.errors import Invalid
from core.host.registry import Host
from core.web.http import checked_text
from core.web.i18n import T
from core.work.settings import Setting

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class DeclaredSetting:
    """A setting and the addon it belongs to (``core`` for core's own)."""

    addon: str
    setting: Setting[Any]

    @property
    def control(self) -> str:
        """How it is drawn: ``flag``, ``choice``, ``number``, ``time``, ``lines`` or ``text``."""
        kind = self.setting.type
        if kind is bool:
            return "flag"
        if self.setting.choices:
            return "choice"
        if kind in (int, float):
            return "number"
        if kind is time:
            return "time"
        return "lines" if get_origin(kind) in (list, tuple) else "text"

    def written(self, value: Any) -> str:
        """A value as its field shows it."""
        if self.control == "flag":
            return "1" if value else ""
        if self.control == "lines":
            return "\n".join(str(each) for each in value)
        if isinstance(value, time):
            return value.strftime("%H:%M")
        return str(value)

    def read(self, text: str) -> Any:
        """The value that a text means.

        :raises Invalid: it means none, or one that is not allowed.
        """
        if len(text) > LONGEST or not checked_text(text):
            raise Invalid({self.setting.name: [T("This text holds characters that cannot be stored.")]})
        return self.setting.checked(self._raw(text.strip().replace("\r\n", "\n")))

    def _raw(self, text: str) -> Any:
        if self.control == "flag":
            return text == "1"
        if self.control == "lines":
            return [line.strip() for line in text.split("\n") if line.strip()]
        if self.control == "choice":
            return next((each for each in self.setting.choices if str(each) == text), text)
        if self.control == "time" and text.count(":") == 1:
            return f"{text}:00"  # browsers leave the seconds out
        return text


def gather(own: Iterable[Setting[Any]], host: Host) -> list[DeclaredSetting]:
    """The settings of core and of the running addons; an addon that declares one wrongly fails with the reason."""
    found = [DeclaredSetting("core", setting) for setting in own]
    taken = {each.setting.name for each in found}
    for addon, setting in host.declared("settings", Setting):
        problem = _problem(addon, setting, taken)
        if problem:
            host.fail(addon, T("Its setting %(setting)s %(problem)s."), setting=repr(setting.name), problem=problem)
            continue
        taken.add(setting.name)
        found.append(DeclaredSetting(addon, setting))
    return [each for each in found if each.addon == "core" or each.addon in host.running]


def _problem(addon: str, setting: Setting[Any], taken: set[str]) -> str:
    if not setting.name.startswith(f"{addon}."):
        return T("does not begin with the addon's name")
    if setting.name in taken:
        return T("is declared twice")
    return ""


def by_group(found: Iterable[DeclaredSetting]) -> Mapping[tuple[str, str], list[DeclaredSetting]]:
    """The settings under their addon and group, in the order of their declaration."""
    groups: dict[tuple[str, str], list[DeclaredSetting]] = {}
    for each in found:
        groups.setdefault((each.addon, each.setting.group), []).append(each)
    return groups


def named(found: Iterable[DeclaredSetting], names: Iterable[str]) -> Iterator[DeclaredSetting]:
    """Those of these names; names nobody declares are left out (SEC-7)."""
    wanted = set(names)
    return (each for each in found if each.setting.name in wanted)
