"""What several screens of service have in common: choices and look-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, select

from addons.contacts.models import Customer, Document, Make, Vehicle, VehicleModel
from addons.service.models import Bay, Booking, CarVisit, Employee, RepairOrder
from addons.service.services import places
from addons.service.services.advisers import advises
from addons.service.services.places import bay_title
from addons.service.services.states import Machine
from core import Branch, Choice, Department, InLanguage, Lookup, User, WorkSession, filters

department_title = InLanguage(Department.title_ru, Department.title_en)
branch_title = InLanguage(Branch.title_ru, Branch.title_en)

_OWNER = select(Customer.name).where(Customer.id == Vehicle.customer_id).scalar_subquery()
VEHICLE = Lookup(
    Vehicle,
    Vehicle.title,
    search=Vehicle.search_key,
    facts=((Vehicle.plate, "plate"), (_OWNER, "")),
    near=("customer_id", Vehicle.customer_id),
)
"""A car with its plate and its owner, where the person may know him; the client's own first."""
MAKE = Lookup(Make, Make.name, where=(Make.active,))
_MAKE_OF_MODEL = select(Make.name).where(Make.id == VehicleModel.make_id).correlate(VehicleModel).scalar_subquery()
MODEL = Lookup(VehicleModel, _MAKE_OF_MODEL + " " + VehicleModel.name, where=(VehicleModel.active,))
"""A model with its make, as models of all makes stand in one list, in the order of makes."""
BAY = Lookup(Bay, bay_title, where=(Bay.active,))
COLLEAGUE = Lookup(User, User.full_name, where=(User.active,))
ADVISER = Lookup(User, User.full_name, where=(User.active, advises))
MECHANIC = Lookup(
    User,
    User.full_name,
    where=(User.active, User.id.in_(select(Employee.user_id).where(Employee.mechanic, Employee.active))),
)
DEPARTMENT = Lookup(
    Department, department_title, second=branch_title, where=(Department.active, Branch.id == Department.branch_id)
)
WORKSHOP = Lookup(Department, places.workshop_title, where=(places.is_workshop,), among=places.within_reach)


def found_by_document(
    model: type[Booking] | type[CarVisit] | type[RepairOrder],
) -> Callable[[WorkSession, str], ColumnElement[bool]]:
    """The search box of a list of documents, by the keys of their head rows.

    They are asked for by themselves: found among joined rows, each row would be read to be looked at.
    """

    def found(session: WorkSession, text: str) -> ColumnElement[bool]:
        return model.id.in_(select(Document.id).where(filters.found(session, Document.search_key, text)))

    return found


def state_choices(machine: Machine) -> tuple[Choice, ...]:
    """The states of a document as choices of a list."""
    return tuple(Choice(state.code, state.title, state.look) for state in machine.states)


def choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    """Fixed words as choices."""
    return tuple(Choice(code, title) for code, title in words.items())
