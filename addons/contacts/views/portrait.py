"""What stands beside the outcome on the card of a contact: blocks of other addons, and what is to be done."""

from __future__ import annotations

from typing import Any

from addons.contacts.models import InboundContact
from addons.contacts.services.portrait import Portrait
from core import ContributedPanel, DrawnPanel, Record, Request, draw_panels, task_panels


def side_of(request: Request, contact: InboundContact, portrait: Portrait) -> dict[str, list[DrawnPanel]]:
    """The drawn parts: ``blocks`` of the portrait, ``panels`` and ``tasks`` of the contact, ``client_tasks`` of its client."""
    customer = portrait.customer
    parts = {
        "blocks": _given(request, "contacts_portrait_blocks", customer_id=customer.id) if customer is not None else [],
        "panels": _given(request, "contacts_contact_panels", contact=contact),
        "tasks": _tasks(request, contact),
        "client_tasks": _tasks(request, customer, empty=False) if customer is not None and portrait.readable else [],
    }
    drawn, _ = draw_panels(request, parts)
    return drawn


def _given(request: Request, hook: str, **of: Any) -> list[ContributedPanel]:
    """What the addons know of this client or contact; one that fails gets a box (SEC-59)."""
    answers = request.session.hooks.each(hook, session=request.session, **of)
    found = [
        ContributedPanel(answer.addon, panel)
        for answer in answers
        for panel in ([None] if answer.error else answer.value)
        if panel is None or not panel.right or request.access.may(panel.right)
    ]
    return sorted(found, key=lambda each: each.panel.order if each.panel else 1000)


def _tasks(request: Request, record: Record, *, empty: bool = True) -> list[ContributedPanel]:
    """The tree of tasks of a record, as on every card (S1-60)."""
    panels = [panel for panel in task_panels(request, record, empty=empty) if request.access.may(panel.right)]
    return [ContributedPanel("core", panel) for panel in panels]
