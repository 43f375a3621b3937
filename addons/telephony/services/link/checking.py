"""``forecourt pbx check``: asks an Asterisk how it is set, over a connection of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.settings import Finding, Found, Sections, findings
from addons.telephony.services.link.adapters import Exchange
from addons.telephony.services.link.logbook import FILE
from addons.telephony.services.link.wire import LinkError, RefusedError, Wire
from core import T

PATIENCE = 10.0
FILES = ("manager.conf", "cel.conf", "cel_custom.conf", "asterisk.conf")
MODULES = ("cel_custom",)
_SECTION = re.compile(r"Category-(\d+)")
_LINE = re.compile(r"Line-(\d+)-\d+")


def check(exchange: Exchange) -> Iterator[Finding]:
    """What is missing at an Asterisk, and what is as it should be."""
    if not exchange.host:
        yield Finding(
            False, T("The record of the exchange says no host: nothing is linked, and there is nobody to ask")
        )
        return
    try:
        wire = Wire(exchange.host, exchange.port, patience=PATIENCE, silence=PATIENCE)
    except LinkError as error:
        lines = ("[general]", "enabled = yes", f"port = {exchange.port}")
        yield Finding(False, T("Nobody answers there: %(reason)s"), {"reason": str(error)}, "manager.conf", lines)
        return
    try:
        found = _ask(wire, exchange)
    except RefusedError as error:
        lines = (f"[{exchange.account}]", "secret = …", "permit = …")
        yield Finding(False, T("The user is refused: %(reason)s"), {"reason": str(error)}, "manager.conf", lines)
        return
    except LinkError as error:
        yield Finding(False, T("The link was lost: %(reason)s"), {"reason": str(error)})
        return
    finally:
        wire.close()
    yield Finding(True, T("The user is let in"))
    yield from findings(found, exchange.endpoints)
    yield _reach(exchange, found)


def _reach(exchange: Exchange, found: Found) -> Finding:
    """Whether the log is where the record says; where the exchange has it is a guess as long as it does not tell."""
    said = (found.files.get("asterisk.conf") or {}).get("directories", {}).get("astlogdir", "")
    there = f"{said or '/var/log/asterisk'}/{FILE}"
    if not exchange.log:
        words = (
            T("The record of the exchange does not say where its log is; the exchange has it in %(folder)s")
            if said
            else T("The record of the exchange does not say where its log is; an exchange usually has it in %(folder)s")
        )
        return Finding(False, words, {"folder": there})
    place = Path(exchange.log)
    path = place / FILE if place.is_dir() else place
    try:
        with path.open("rb"):
            return Finding(True, T("The log can be read: %(path)s"), {"path": str(path)})
    except OSError as error:
        if isinstance(error, FileNotFoundError) and path.name == FILE.name and path.parent.is_dir():
            return Finding(True, T("Nothing is logged yet: %(path)s comes with the first call"), {"path": str(path)})
        values = {"path": str(path), "reason": error.strerror or str(error), "folder": there}
        return Finding(False, _unread(known=bool(said), elsewhere=there != str(path)), values)


def _unread(*, known: bool, elsewhere: bool) -> str:
    """That the log cannot be read, and where else to look for it."""
    if not elsewhere:
        return T("The log cannot be read: %(path)s: %(reason)s")
    if known:
        return T("The log cannot be read: %(path)s: %(reason)s; the exchange has it in %(folder)s")
    return T("The log cannot be read: %(path)s: %(reason)s; an exchange usually has it in %(folder)s")


def _ask(wire: Wire, exchange: Exchange) -> Found:
    credentials = {"Username": exchange.account, "Secret": exchange.secret, "Events": "off"}
    answer = _answer(wire, wire.send("Login", credentials))[0]
    if answer.get("Response") != "Success":
        raise RefusedError(answer.get("Message", "the login was refused"))
    files = {name: _file(_answer(wire, wire.send("GetConfig", {"Filename": name}))[0]) for name in FILES}
    actions = _answer(wire, wire.send("ListCommands"))[0]
    loaded = {name for name in MODULES if _is_loaded(_answer(wire, wire.send("ModuleCheck", {"Module": name}))[0])}
    endpoints = _answer(wire, wire.send("PJSIPShowEndpoints"))
    names = tuple(each["ObjectName"] for each in endpoints if "ObjectName" in each)
    return Found(
        exchange.account,
        files,
        frozenset(actions),
        frozenset(loaded),
        names if endpoints[0].get("Response") == "Success" else None,
    )


def _is_loaded(answer: Message) -> bool:
    return answer.get("Response") == "Success"


def _file(answer: Message) -> Sections | None:
    """A configuration file of an answer to ``GetConfig``."""
    if answer.get("Response") != "Success":
        return None
    names: dict[str, str] = {}
    sections: dict[str, dict[str, str]] = {}
    for header, value in answer.items():
        if found := _SECTION.fullmatch(header):
            names[found[1]] = value
            sections.setdefault(value, {})
        elif (found := _LINE.fullmatch(header)) and found[1] in names:
            name, _, said = value.partition("=")
            sections[names[found[1]]][name.strip()] = said.strip()
    return sections


def _answer(wire: Wire, action_id: str) -> list[Message]:
    """The answer to an action, and the list that follows it.

    :raises LinkError: when it does not come.
    """
    answers: list[Message] = []
    until = time.monotonic() + PATIENCE
    while not answers or (answers[0].get("EventList") == "start" and answers[-1].get("EventList") != "Complete"):
        if time.monotonic() > until:
            raise LinkError("no answer")
        answers += [each for each in wire.read() if each.get("ActionID") == action_id]
    return answers
