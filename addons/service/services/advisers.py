"""Who may receive clients: colleagues of the departments with a workshop whose roles let them open car visits."""

from __future__ import annotations

from sqlalchemy import or_, select

from addons.service.models import Bay
from core import Department, Role, User, UserDepartment, UserRole, WorkSession

RECEIVE = "service.visit.create"
_WORKSHOPS = select(Bay.department_id).where(Bay.active)
_WHOLES = select(Department.parent_id).where(Department.id.in_(_WORKSHOPS), Department.parent_id.is_not(None))
_MAY = Role.grants[RECEIVE].as_string().is_not(None)

advises = User.id.in_(
    select(UserDepartment.user_id).where(
        or_(UserDepartment.department_id.in_(_WORKSHOPS), UserDepartment.department_id.in_(_WHOLES))
    )
) & or_(
    User.id.in_(select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(_MAY)),
    select(Role.id).where(Role.everyone, _MAY).exists(),
)
"""Whether a user is one, as a condition: he works in a workshop, or in what it is a part of, and may receive cars."""


def adviser_or_nobody(session: WorkSession, user_id: int | None) -> int | None:
    """Whom a form proposes as the adviser: this colleague where he is one, else nobody."""
    if user_id is None:
        return None
    return session.scalar(select(User.id).where(User.id == user_id, User.active, advises))
