"""What several screens of contacts have in common: choices and words."""

from __future__ import annotations

from addons.contacts.services.vocabulary import CHANNELS
from core.access.models import Branch, Department
from core.web.screens import Choice, InLanguage

CHANNEL_CHOICES = tuple(Choice(each.code, each.title, each.look, each.icon) for each in CHANNELS)

department_title = InLanguage(Department.title_ru, Department.title_en)
branch_title = InLanguage(Branch.title_ru, Branch.title_en)
