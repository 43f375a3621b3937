"""What an Asterisk has to be set to, against what it is set to: each finding in words, with the lines that mend it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from addons.telephony.services.asterisk.names import Endpoints, Kind
from core import T

Sections = Mapping[str, Mapping[str, str]]
"""A configuration file: the settings of its sections by their names; of one that is given twice the last counts."""

READ: Final = ("call", "agent", "reporting")
"""Classes of events from which calls are known."""
LISTS: Final = ("Status", "CoreShowChannels", "QueueStatus")
ORDERS: Final = {"Originate": "originate", "BlindTransfer": "call", "Atxfer": "call", "Hangup": "call"}
"""What people order from their pages, and the class of rights that allows it."""
LOGGED: Final = (
    "CHAN_START", "CHAN_END", "ANSWER", "HANGUP", "BRIDGE_ENTER", "BRIDGE_EXIT", "APP_START", "APP_END", "BLINDTRANSFER",
    "ATTENDEDTRANSFER", "PICKUP",
)  # fmt: skip
"""Events of the log without which calls cannot be made of it."""
APPLICATIONS: Final = ("dial", "queue", "mixmonitor")
DATES: Final = "%F %T.%6q"
LOG_FILE: Final = "cel.csv"
COLUMNS: Final = (
    "eventtype", "eventtime", "CALLERID(num)", "CALLERID(dnid)", "CHANNEL(exten)", "CHANNEL(context)", "CHANNEL(channame)",
    "CHANNEL(appname)", "CHANNEL(appdata)", "CHANNEL(uniqueid)", "CHANNEL(linkedid)", "BRIDGEPEER", "eventextra",
)  # fmt: skip
MAPPING: Final = ",".join(f"${{CSV_QUOTE(${{{column}}})}}" for column in COLUMNS)
PATIENT: Final = 1_000
"""Milliseconds for which Asterisk should wait for us at least before it cuts the link."""
SHOWN: Final = 12
"""Endpoints that are named."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    :param words: msgid of what was found, with places for ``values``.
    :param file: of Asterisk, in which ``lines`` mend it.
    """

    good: bool
    words: str
    values: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked of an Asterisk.

    :param account: the name that we log in with.
    :param files: configuration files by their names; nothing for one that may not be read or is not there.
    :param actions: what we may order.
    :param modules: of those that were asked for, the ones that are loaded.
    :param endpoints: the names of its endpoints; nothing where they may not be asked for.
    """

    account: str
    files: Mapping[str, Sections | None]
    actions: frozenset[str]
    modules: frozenset[str]
    endpoints: tuple[str, ...] | None

    def setting(self, file: str, section: str, name: str) -> str:
        """A setting in lower case, empty where there is none."""
        return ((self.files.get(file) or {}).get(section) or {}).get(name, "").strip().lower()


def forbidden(actions: Collection[str]) -> list[str]:
    """What of all that a link asks and orders is not among the actions that an account may."""
    return [each for each in (*LISTS, *ORDERS) if each not in actions]


def findings(found: Found, endpoints: Endpoints) -> Iterator[Finding]:
    """Everything that matters to us, in the order in which one mends it."""
    yield from _rights(found)
    yield from _events(found)
    yield from _log(found)
    yield from _recordings(found)
    yield from _endpoints(found, endpoints)


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",") if word.strip()}


def _is_on(text: str) -> bool:
    return text in {"yes", "true", "on", "1", "y", "t"}


def _rights(found: Found) -> Iterator[Finding]:
    section = f"[{found.account}]"
    missing = [name for name in LISTS if name not in found.actions]
    if missing:
        lines = (section, "write = reporting")
        values = {"actions": ", ".join(missing)}
        yield Finding(False, T("The user may not ask what is on the line (%(actions)s)"), values, "manager.conf", lines)
    else:
        yield Finding(True, T("The user may ask what is on the line"))
    classes = sorted({right for action, right in ORDERS.items() if action not in found.actions})
    if classes:
        lines = (section, f"write = reporting,{','.join(classes)}")
        values = {"actions": ", ".join(action for action in ORDERS if action not in found.actions)}
        yield Finding(
            False, T("The user may not call and pass on for people (%(actions)s)"), values, "manager.conf", lines
        )
    else:
        yield Finding(True, T("The user may call and pass on for people"))


def _events(found: Found) -> Iterator[Finding]:
    section = f"[{found.account}]"
    if found.files.get("manager.conf") is None:
        lines = (section, "write = system,reporting,call,originate")
        yield Finding(
            False,
            T(
                "The settings of Asterisk may not be read, so the rest cannot be checked; the right is needed for this check only"
            ),
            {},
            "manager.conf",
            lines,
        )
        words = T(
            "Whether the user gets the events of calls, agents and reports cannot be asked by this user: look into manager.conf"
        )
        yield Finding(False, words, {}, "manager.conf", (section, f"read = {','.join(READ)}"))
        return
    read = _words(found.setting("manager.conf", found.account, "read"))
    missing = [name for name in READ if name not in read and "all" not in read]
    if missing:
        values = {"classes": ", ".join(missing)}
        lines = (section, f"read = {','.join(sorted(read | set(READ)))}")
        yield Finding(
            False, T("The user does not get these classes of events: %(classes)s"), values, "manager.conf", lines
        )
    else:
        yield Finding(True, T("The user gets the events of calls"))
    if _is_on(found.setting("manager.conf", "general", "timestampevents")):
        yield Finding(True, T("Events are dated"))
    else:
        lines = ("[general]", "timestampevents = yes")
        yield Finding(False, T("Events are not dated: their arrival counts"), {}, "manager.conf", lines)
    timeout = found.setting("manager.conf", found.account, "writetimeout")
    if not timeout.isdecimal() or int(timeout) < PATIENT:
        lines = (section, "writetimeout = 5000")
        yield Finding(False, T("Asterisk cuts the link when it is busy for a moment"), {}, "manager.conf", lines)


def _log(found: Found) -> Iterator[Finding]:
    if found.files.get("manager.conf") is None:
        return
    if "cel_custom" in found.modules:
        yield Finding(True, T("The module of the log is loaded"))
    else:
        yield Finding(
            False, T("The module of the log is not loaded"), {}, "modules.conf", ("[modules]", "load = cel_custom.so")
        )
    wrong = _wrong_in_log(found)
    if wrong:
        words = T("What happens while the link is away is not logged as it should be")
        yield Finding(False, words, {}, "cel.conf", ("[general]", *wrong))
    else:
        yield Finding(True, T("Everything that happens on the line is logged"))
    mapped = ((found.files.get("cel_custom.conf") or {}).get("mappings") or {}).get(LOG_FILE, "")
    if "".join(mapped.split()) != MAPPING:
        words = T("The columns of the log are not those that are read")
        yield Finding(False, words, {}, "cel_custom.conf", ("[mappings]", f"{LOG_FILE} => {MAPPING}"))
    else:
        yield Finding(True, T("The log has its columns"))


def _wrong_in_log(found: Found) -> list[str]:
    """The lines that are to be written anew."""
    events, applications = (
        _words(found.setting("cel.conf", "general", "events")),
        _words(found.setting("cel.conf", "general", "apps")),
    )
    right = {
        "enable = yes": _is_on(found.setting("cel.conf", "general", "enable")),
        "events = ALL": "all" in events or events >= {each.lower() for each in LOGGED},
        f"apps = {','.join(APPLICATIONS)}": applications >= set(APPLICATIONS),
        f"dateformat = {DATES}": found.setting("cel.conf", "general", "dateformat") == DATES.lower(),
    }
    return [line for line, holds in right.items() if not holds]


def _recordings(found: Found) -> Iterator[Finding]:
    """Which file a call is recorded into is told by the dialplan's events, or by the rows of the log as events."""
    if found.files.get("manager.conf") is None:
        return
    read = _words(found.setting("manager.conf", found.account, "read"))
    if {"dialplan", "all"} & read or _is_on(found.setting("cel.conf", "manager", "enabled")):
        yield Finding(True, T("It is told which files calls are recorded into"))
    else:
        words = T("It is told too late which files calls are recorded into")
        yield Finding(False, words, {}, "cel.conf", ("[manager]", "enabled = yes"))


def _endpoints(found: Found, endpoints: Endpoints) -> Iterator[Finding]:
    if found.endpoints is None:
        yield Finding(
            False, T("Endpoints cannot be listed: look yourself which are phones and which are lines of providers")
        )
        return
    kinds = {
        kind: [each for each in found.endpoints if endpoints.kind(f"PJSIP/{each}-00000000") is kind] for kind in Kind
    }
    values = {"phones": _some(kinds[Kind.PHONE]), "trunks": _some(kinds[Kind.TRUNK])}
    words = T(
        "Phones: %(phones)s. Lines of providers: %(trunks)s. Where that is wrong, the record of the exchange says it better"
    )
    yield Finding(bool(kinds[Kind.PHONE] and kinds[Kind.TRUNK]), words, values)
    unknown = sorted((endpoints.trunks | endpoints.phones) - set(found.endpoints))
    if unknown:
        yield Finding(False, T("The record names endpoints that there are not: %(names)s"), {"names": _some(unknown)})


def _some(names: Iterable[str]) -> str:
    known = sorted(names)
    return ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "") if known else "–"
