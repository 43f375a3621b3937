"""A screen as a declaration: which list, card and form a model gets, without any drawing.

An addon writes ``screens.py`` with :class:`Screen` objects and returns them from its hook ``screens``.
From one declaration come the list, the card, the form and the look-ups of a model; other addons add
columns, filters, sections, panels and actions by hooks. Wrong names are found at start by
:func:`core.web.screen_checks.check`, all at once.
"""

from __future__ import annotations

from core.web.listing.filters import (
    ChoiceFilter,
    ConditionFilter,
    Filter,
    FlagFilter,
    LookupFilter,
    Option,
    PeriodFilter,
    PersonFilter,
    RangeFilter,
    TextFilter,
)
from core.web.listing.language import Expression, InLanguage, named_by
from core.web.screens.actions import Action, BulkAction
from core.web.screens.columns import CARD, Badge, Choice, Column, Join, Link
from core.web.screens.fields import Field, Follows, FormSection, Lookup, Made, Missing, Section
from core.web.screens.lists import Grouping, ReadyFilter, Total
from core.web.screens.panels import Panel, Strip, View
from core.web.screens.screen import Origin, Screen, with_choices

__all__ = [
    "CARD",
    "Action",
    "Badge",
    "BulkAction",
    "Choice",
    "ChoiceFilter",
    "Column",
    "ConditionFilter",
    "Expression",
    "Field",
    "Filter",
    "FlagFilter",
    "Follows",
    "FormSection",
    "Grouping",
    "InLanguage",
    "Join",
    "Link",
    "Lookup",
    "LookupFilter",
    "Made",
    "Missing",
    "Option",
    "Origin",
    "Panel",
    "PeriodFilter",
    "PersonFilter",
    "RangeFilter",
    "ReadyFilter",
    "Screen",
    "Section",
    "Strip",
    "TextFilter",
    "Total",
    "View",
    "named_by",
    "with_choices",
]
