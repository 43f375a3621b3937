"""The calls on the line of contacts that are registered and redirected: the client goes with his contact (S0-20, S1-54)."""

from __future__ import annotations

import re

from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.telephony.models import CallContact, LiveCall, Pbx
from addons.telephony.services import orders
from core import WorkSession

_ORIGIN = re.compile(r"telephony\.([0-9]{1,18})\.([0-9a-f]{24})")


def registered(session: WorkSession, contact: InboundContact, way: str, origin: str) -> None:
    """A contact was registered in the form of a call: it is that call's, and a transfer takes the client along."""
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return
    pbx_id, key = int(found[1]), found[2]
    if session.get(Pbx, pbx_id) is None:
        return
    orders.remember(session, pbx_id, key, contact.id)
    if way == "transfer":
        orders.pass_on_with(session, contact, pbx_id, key)


def passed_on(session: WorkSession, contact: InboundContact) -> None:
    """A contact was redirected: whoever has its client on the line passes him on as well."""
    statement = (
        select(CallContact.pbx_id, CallContact.key)
        .join(LiveCall, (LiveCall.pbx_id == CallContact.pbx_id) & (LiveCall.key == CallContact.key))
        .where(CallContact.contact_id == contact.id)
    )
    for pbx_id, key in session.execute(statement).all():
        orders.pass_on_with(session, contact, pbx_id, key)
