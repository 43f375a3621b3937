"""What several screens of contacts have in common: choices and words."""

from __future__ import annotations

from sqlalchemy import func

from addons.contacts.services.vocabulary import CHANNELS
from core.access.models import Branch, Department, User
from core.web.screens import Choice, InLanguage

CHANNEL_CHOICES = tuple(Choice(each.code, each.title, each.look, each.icon) for each in CHANNELS)

person_name = func.coalesce(func.nullif(User.short_name, ""), User.full_name)
department_title = InLanguage(Department.title_ru, Department.title_en)
branch_title = InLanguage(Branch.title_ru, Branch.title_en)
