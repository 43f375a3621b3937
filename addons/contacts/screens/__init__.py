"""The lists, cards and forms of contacts, as declarations."""

from __future__ import annotations

from addons.contacts.screens.clients import CLIENTS, LEGAL_FORM_CHOICES, RELATION_CHOICES
from addons.contacts.screens.directories import DIRECTORIES, GOALS
from addons.contacts.screens.documents import DOCUMENTS
from addons.contacts.screens.intake import SOURCES
from addons.contacts.screens.shared import choices_of
from addons.contacts.screens.traffic import TRAFFIC
from addons.contacts.screens.vehicles import MAKES, MODELS, VEHICLES
from addons.contacts.services import vocabulary
from addons.contacts.services.intake.adapters import adapters
from core import Choice, Hooks, Screen, with_choices

__all__ = ["LEGAL_FORM_CHOICES", "RELATION_CHOICES", "screens"]


def screens(hooks: Hooks) -> list[Screen]:
    """Every generated screen of contacts, with the channels and routes of other addons."""
    channel = choices_of(vocabulary.channels(hooks).values())
    route = tuple(Choice(each.code, each.title) for each in vocabulary.goal_routes(hooks))
    with_goals = choices_of(each for each in vocabulary.channels(hooks).values() if not each.goals_of)
    traffic, goals = with_choices(TRAFFIC, channel=channel), with_choices(GOALS, channel=with_goals, route=route)
    kinds = tuple(Choice(each.code, each.title) for each in adapters(hooks).values())
    sources = with_choices(SOURCES, channel=channel, adapter=kinds)
    return [traffic, CLIENTS, VEHICLES, DOCUMENTS, goals, *DIRECTORIES, sources, MAKES, MODELS]
