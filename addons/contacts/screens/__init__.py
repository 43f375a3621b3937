"""The lists, cards and forms of contacts, as declarations."""

from __future__ import annotations

from addons.contacts.screens.clients import CLIENTS, LEGAL_FORM_CHOICES, RELATION_CHOICES
from addons.contacts.screens.directories import DIRECTORIES, GOALS
from addons.contacts.screens.documents import DOCUMENTS
from addons.contacts.screens.traffic import TRAFFIC
from addons.contacts.screens.vehicles import MAKES, MODELS, VEHICLES
from core.web.screens import Screen

__all__ = ["LEGAL_FORM_CHOICES", "RELATION_CHOICES", "screens"]


def screens() -> list[Screen]:
    """Every generated screen of contacts."""
    return [TRAFFIC, CLIENTS, VEHICLES, DOCUMENTS, GOALS, *DIRECTORIES, MAKES, MODELS]
