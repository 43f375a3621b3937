"""The records of sources: found by their address, their secrets sealed, shown once, and rotated (SEC-39, SEC-66)."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from addons.contacts.models import ContactGoal, IntakeSource
from addons.contacts.services.intake import forms, signing
from addons.contacts.services.intake.adapters import Hook, Secrets, adapters
from addons.contacts.services.vocabulary import channels
from core import Field, FormSection, Invalid, NotFound, T, WorkSession, note_action, seal, unseal

BOTH_GOOD = timedelta(hours=24)
"""How long the secret before is good beside a new one: until then the other side has to have it."""
LONGEST_SECRET = 500
SHORTEST_SECRET = 24

TOO_SHORT = T("A secret has 24 characters at least.")
NO_NETWORK = T("«%(line)s» is no address or network.")
NEEDS_NETWORKS = T("Say from which addresses this source sends: it signs nothing.")
OTHER_CHANNEL = T("What comes from here has the channel “%(channel)s”: choose one of its goals.")
NO_SOURCE = T("There is no such source.")


def by_address(session: WorkSession, address: str, *, lock: bool = True) -> IntakeSource:
    """The source that sends to this address; locked, so that two deliveries of one source are taken one after the other.

    :raises NotFound: when there is none, or it is out of use.
    """
    mine = select(IntakeSource).where(IntakeSource.address == address, IntakeSource.active)
    found = session.scalars(mine.with_for_update() if lock else mine).one_or_none()
    if found is None:
        raise NotFound(NO_SOURCE)
    return found


def of_old_path(session: WorkSession, hook: Hook) -> IntakeSource:
    """The source that calls a path of the old kind, known by where it sends from (C-16).

    :raises NotFound: when no source sends from there.
    """
    unsigned = select(IntakeSource).where(IntakeSource.adapter == forms.UNSIGNED, IntakeSource.active)
    for each in session.scalars(unsigned.order_by(IntakeSource.id)).all():
        if signing.from_network(hook.address, networks_of(each)):
            return by_address(session, each.address)
    raise NotFound(NO_SOURCE)


# --- secrets ----------------------------------------------------------------------------------------


def secrets_of(session: WorkSession, source: IntakeSource) -> Secrets:
    """What the source is known by just now.

    :raises UnreadableSecret: when the key it was sealed with is lost.
    """
    sealed = [source.sealed_secret]
    if source.previous_until is not None and session.now() < source.previous_until:
        sealed.append(source.sealed_previous)
    return Secrets([unseal(session, each, _whose(source)) for each in sealed if each], networks_of(source))


def issue_secret(session: WorkSession, source: IntakeSource) -> str:
    """A new secret for a source; the one before stays good for a day.

    :returns: the secret, which nobody is shown again.
    """
    secret = signing.new_secret()
    _change_secret(session, source, secret)
    return secret


def _change_secret(session: WorkSession, source: IntakeSource, secret: str) -> None:
    source.sealed_previous = source.sealed_secret
    source.previous_until = session.now() + BOTH_GOOD if source.sealed_secret else None
    source.sealed_secret = seal(session, secret, _whose(source))
    note_action(session, "source_secret", source)
    session.flush()


def token_of(session: WorkSession, source: IntakeSource) -> str:
    """What we write to the messenger with; empty where none was given.

    :raises UnreadableSecret: when the key it was sealed with is lost.
    """
    return unseal(session, source.sealed_token, _whose(source)) if source.sealed_token else ""


def _whose(source: IntakeSource) -> str:
    """What binds a secret to its source: copied to another one it does not open."""
    return f"{IntakeSource.__tablename__}.{source.id}"


# --- the form ---------------------------------------------------------------------------------------


def create(session: WorkSession, values: dict[str, Any]) -> IntakeSource:
    """A source from the form, with an address that nobody guesses.

    :raises Invalid: for a goal of another channel, and for what is no network.
    """
    source = IntakeSource(address=secrets.token_hex(8))
    change(session, source, values)
    return source


def change(session: WorkSession, source: IntakeSource, values: dict[str, Any]) -> None:
    """A source as the form says it now.

    :raises Invalid: for a goal of another channel, and for what is no network.
    """
    for name, value in values.items():
        setattr(source, name, value)
    _check(session, source)
    session.add(source)
    session.flush()


def _check(session: WorkSession, source: IntakeSource) -> None:
    adapter = adapters(session.hooks).get(source.adapter)
    goal = session.get(ContactGoal, source.goal_id or 0)
    if adapter is not None and goal is not None and goal.channel != adapter.channel:
        channel = session.words(session.access.language, channels(session.hooks)[adapter.channel].title)
        raise Invalid({"goal_id": [_said(session, OTHER_CHANNEL, channel=channel)]})
    for each in networks_of(source):
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise Invalid({"networks": [_said(session, NO_NETWORK, line=each)]}) from None
    if source.adapter == forms.UNSIGNED and not networks_of(source):
        raise Invalid({"networks": [NEEDS_NETWORKS]})


def _said(session: WorkSession, text: str, **values: str) -> str:
    """A text with its values, as the person reads it."""
    return session.words(session.access.language, text) % values


def fitting_goal(session: WorkSession) -> int | None:
    """The goal that the form of a new source begins with: one that the kind it begins with may have."""
    channel = adapters(session.hooks)[forms.SIGNED].channel
    mine = (ContactGoal.active, ContactGoal.channel == channel)
    statement = select(ContactGoal.id).where(*mine).order_by(ContactGoal.position, ContactGoal.id).limit(1)
    return session.scalar(statement)


def networks_of(source: IntakeSource) -> list[str]:
    """The networks that an unsigned source sends from."""
    return [each.strip() for each in (source.networks or "").splitlines() if each.strip()]


def sections(screen_key: str) -> list[FormSection] | None:
    """The section for the form of sources: secrets of others go in and are never shown."""
    if screen_key != "contacts.intake_sources":
        return None
    hint = T("It is never shown; what is typed here replaces the one before.")
    fields = (
        Field("secret", T("Secret of the service, where it gives one"), hint=hint, longest=LONGEST_SECRET),
        Field("token", T("Token to write with"), hint=hint, longest=LONGEST_SECRET),
    )
    return [FormSection("secrets", T("Secrets"), fields, _nothing, keep, order=10, after="account")]


def _nothing(_session: WorkSession, _source: IntakeSource | None) -> dict[str, Any]:
    return {"secret": "", "token": ""}


def keep(session: WorkSession, source: IntakeSource, values: Mapping[str, Any]) -> None:
    """The secret and the token that were typed; what is empty stays.

    :raises Invalid: for a secret that is too short.
    """
    secret, token = str(values.get("secret") or "").strip(), str(values.get("token") or "").strip()
    if secret and len(secret) < SHORTEST_SECRET:
        raise Invalid({"secret": [TOO_SHORT]})
    if secret:
        _change_secret(session, source, secret)
    if token:
        source.sealed_token = seal(session, token, _whose(source))
        session.flush()
