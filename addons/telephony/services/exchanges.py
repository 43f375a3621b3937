"""The exchanges of the dealership: found by name, their secrets sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from addons.telephony.models import Pbx
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.link.adapters import Exchange, adapters
from addons.telephony.services.recordings import looking, places
from core import Field, FormSection, Invalid, NotFound, T, WorkSession, seal, unseal

ASTERISK = "telephony.asterisk"
LONGEST_SECRET = 200
NO_HOST = T("Say where it is, or take it out of use.")
CONTEXT, TECHNOLOGY = "from-internal", "PJSIP"
"""Where orders are dialled and what phones are reached by, unless the exchange's record says."""


def exchange(session: WorkSession, name: str) -> Pbx:
    """The exchange of this name.

    :raises NotFound: when there is none.
    """
    found = session.scalars(select(Pbx).where(Pbx.name == name)).one_or_none()
    if found is None:
        raise NotFound(T("There is no exchange of this name."))
    return found


def recorded_exchange(session: WorkSession, name: str) -> Pbx:
    """The exchange that a recording is of; one that nobody has told of is noted, and never linked to."""
    found = session.scalars(select(Pbx).where(Pbx.name == name)).one_or_none()
    if found is None:
        found = Pbx(name=name, adapter=ASTERISK, active=False)
        session.add(found)
        session.flush()
    return found


def to_check(session: WorkSession, name: str | None) -> list[Exchange]:
    """The exchange of this name, or all that are to be linked, as their links need them.

    :raises NotFound: when there is none of this name, or none at all.
    :raises UnreadableSecret: when the key a secret was sealed with is lost.
    """
    wanted = select(Pbx).where(Pbx.active, Pbx.host != "").order_by(Pbx.name)
    found = [exchange(session, name)] if name is not None else session.scalars(wanted).all()
    if not found:
        raise NotFound(T("There is no exchange to check: none is in use and has a host."))
    return [as_exchange(session, pbx) for pbx in found]


def of_phone(session: WorkSession, ext: str, ability: str) -> Pbx | None:
    """The exchange that rings a phone or a group of the house, of those that are linked and able to.

    It is the one that names this extension; while none does, the first that names none at all.
    """
    linked = session.scalars(select(Pbx).where(Pbx.active, Pbx.host != "").order_by(Pbx.id)).all()
    known = adapters(session.hooks)
    named = [pbx for pbx in linked if _has(pbx, ext)]
    able = [pbx for pbx in linked if pbx.adapter in known and ability in known[pbx.adapter].abilities]
    return next((pbx for pbx in able if (pbx in named if named else not pbx.extensions.strip())), None)


def _has(pbx: Pbx, ext: str) -> bool:
    """Whether the exchange names this extension among its own."""
    patterns = (re.escape(line).replace("X", "[0-9]") for line in _lines(pbx.extensions.upper()))
    return any(re.fullmatch(pattern, ext) for pattern in patterns)


def extensions_fault(text: str) -> str:
    """What is wrong with the extensions that were typed."""
    fits = all(re.fullmatch(r"[0-9X*#]{1,20}", line) for line in _lines(text.upper()))
    return "" if fits else T("An extension a line: digits, and X for any digit.")


def endpoints_of(pbx: Pbx) -> Endpoints:
    """Which endpoints are lines and which are phones, as the exchange's record says."""
    return Endpoints.named(_lines(pbx.trunks), _lines(pbx.phones))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def set_secret(session: WorkSession, pbx: Pbx, secret: str) -> None:
    """Keep the secret of an exchange, sealed."""
    pbx.sealed_secret = seal(session, secret, _whose(pbx)) if secret else ""
    session.flush()


def as_exchange(session: WorkSession, pbx: Pbx) -> Exchange:
    """An exchange as its link needs it, with its secret opened.

    :raises UnreadableSecret: when the key it was sealed with is lost.
    """
    secret = unseal(session, pbx.sealed_secret, _whose(pbx)) if pbx.sealed_secret else ""
    where = endpoints_of(pbx)
    return Exchange(
        pbx.id,
        pbx.name,
        pbx.host,
        pbx.port,
        pbx.account,
        secret,
        where,
        log=pbx.log,
        context=pbx.context or CONTEXT,
        technology=pbx.technology or TECHNOLOGY,
    )


def word_fault(text: str) -> str:
    """What is wrong with a word of the dialplan that was typed."""
    return "" if re.fullmatch(r"[A-Za-z0-9_.-]{0,80}", text) else T("One word of Latin letters, digits, _ . and -.")


def _whose(pbx: Pbx) -> str:
    """What binds a secret to its exchange: copied to another one it does not open."""
    return f"{Pbx.__tablename__}.{pbx.id}"


def sections(screen_key: str) -> list[FormSection] | None:
    """The sections for the form of exchanges: secrets go in and are never shown."""
    if screen_key != "telephony.exchanges":
        return None
    hint = T("It is never shown; what is typed here replaces the one before.")
    field = Field("secret", T("Secret"), hint=hint, longest=LONGEST_SECRET)
    ours = replace(field, label=T("Password for recordings"))
    return [
        FormSection("secret", T("Signing in to it"), (field,), _nothing, _keep_secret, order=10, after="account"),
        FormSection(
            "recordings_secret",
            T("Recordings"),
            (ours,),
            _nothing,
            _keep_recordings,
            order=20,
            after="recordings_account",
        ),
    ]


def _nothing(_session: WorkSession, _pbx: Pbx | None) -> dict[str, Any]:
    return {"secret": ""}


def _keep_secret(session: WorkSession, pbx: Pbx, values: Mapping[str, Any]) -> None:
    if values.get("secret"):
        set_secret(session, pbx, str(values["secret"]))


def _keep_recordings(session: WorkSession, pbx: Pbx, values: Mapping[str, Any]) -> None:
    if values.get("secret"):
        pbx.sealed_recordings_secret = seal(session, str(values["secret"]), places.whose(pbx))
        session.flush()


def create(session: WorkSession, values: dict[str, Any]) -> Pbx:
    """An exchange from the form.

    :raises Invalid: when it is to be linked, and it is not said to where.
    """
    pbx = Pbx(recordings="")
    session.add(pbx)
    change(session, pbx, values)
    return pbx


def change(session: WorkSession, pbx: Pbx, values: dict[str, Any]) -> None:
    """An exchange as its form says it now; recordings that are read elsewhere now are looked for there.

    :raises Invalid: when it is to be linked, and it is not said to where.
    """
    if values.get("active", pbx.active) and not values.get("host", pbx.host):
        raise Invalid({"host": [NO_HOST]})
    moved = values.get("recordings", pbx.recordings) != pbx.recordings
    for name, value in values.items():
        setattr(pbx, name, value)
    session.flush()
    if moved:
        looking.look_again(session, pbx.id)
