"""Who may receive clients: colleagues of the departments with a workshop whose roles let them open car visits."""

from __future__ import annotations

from sqlalchemy import or_, select

from addons.service.services.places import is_workshop
from core import Department, Role, User, UserDepartment, UserRole, WorkSession

RECEIVE = "service.visit.create"
_THEIRS = UserDepartment.department_id.in_([Department.id, Department.parent_id])
_MAY = Role.grants[RECEIVE].as_string().is_not(None)

advises = User.id.in_(select(UserDepartment.user_id).join(Department, _THEIRS).where(is_workshop)) & or_(
    User.id.in_(select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(_MAY)),
    select(Role.id).where(Role.everyone, _MAY).exists(),
)
"""Whether a user is one, as a condition: he works in a workshop, or in what it is a part of, and may receive cars."""


def adviser_or_nobody(session: WorkSession, user_id: int | None) -> int | None:
    """Whom a form proposes as the adviser: this colleague where he is one, else nobody."""
    if user_id is None:
        return None
    return session.scalar(select(User.id).where(User.id == user_id, User.active, advises))
