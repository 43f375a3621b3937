"""What several screens of contacts have in common: choices and words."""

from __future__ import annotations

from collections.abc import Iterable

from addons.contacts.models import Customer
from addons.contacts.services.lookup import LOOKUP
from addons.contacts.services.vocabulary import CHANNELS, Channel
from core import Branch, Choice, Department, InLanguage, Lookup


def choices_of(channels: Iterable[Channel]) -> tuple[Choice, ...]:
    """Channels as lists and forms show them."""
    return tuple(Choice(each.code, each.title, each.look, each.icon) for each in channels)


CHANNEL_CHOICES = choices_of(CHANNELS)

department_title = InLanguage(Department.title_ru, Department.title_en)
branch_title = InLanguage(Branch.title_ru, Branch.title_en)

CLIENT = Lookup(
    Customer,
    Customer.name,
    second=Customer.main_phone,
    search=Customer.search_key,
    where=(Customer.merged_into_id.is_(None),),
    right=LOOKUP,
)
"""A client, also one of another branch, as reception finds him."""
