"""What stands beside the outcome on the card of a contact: blocks of other addons, and what is to be done."""

from __future__ import annotations

from addons.contacts.models import InboundContact
from addons.contacts.services.portrait import Portrait
from core.db.base import Record
from core.web.cards import ContributedPanel
from core.web.http import Request
from core.web.views.records import DrawnPanel, draw_panels
from core.web.views.task_panel import task_panels


def side_of(request: Request, contact: InboundContact, portrait: Portrait) -> dict[str, list[DrawnPanel]]:
    """The drawn parts: ``blocks`` of the portrait, ``tasks`` of the contact and ``client_tasks`` of its client."""
    customer = portrait.customer
    parts = {
        "blocks": _blocks(request, customer.id) if customer is not None else [],
        "tasks": _tasks(request, contact),
        "client_tasks": _tasks(request, customer) if customer is not None and portrait.readable else [],
    }
    drawn, _ = draw_panels(request, parts)
    return drawn


def _blocks(request: Request, customer_id: int) -> list[ContributedPanel]:
    """What the addons know of this client (slot ``client.portrait``); one that fails gets a box (SEC-59)."""
    answers = request.session.hooks.each("contacts_portrait_blocks", session=request.session, customer_id=customer_id)
    found = [
        ContributedPanel(answer.addon, panel)
        for answer in answers
        for panel in ([None] if answer.error else answer.value)
        if panel is None or not panel.right or request.access.may(panel.right)
    ]
    return sorted(found, key=lambda each: each.panel.order if each.panel else 1000)


def _tasks(request: Request, record: Record) -> list[ContributedPanel]:
    """The tree of tasks of a record, as on every card (S1-60)."""
    panels = [panel for panel in task_panels(request, record) if request.access.may(panel.right)]
    return [ContributedPanel("core", panel) for panel in panels]
