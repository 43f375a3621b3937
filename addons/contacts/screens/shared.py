"""What several screens of contacts have in common: choices and words."""

from __future__ import annotations

from addons.contacts.models import Customer
from addons.contacts.services.lookup import LOOKUP
from addons.contacts.services.vocabulary import CHANNELS
from core.access.models import Branch, Department
from core.web.screens import Choice, InLanguage, Lookup

CHANNEL_CHOICES = tuple(Choice(each.code, each.title, each.look, each.icon) for each in CHANNELS)

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
