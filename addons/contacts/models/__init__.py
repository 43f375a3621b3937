"""The tables of contacts: parties, directories, traffic, documents."""

from addons.contacts.models.directories import (
    ContactGoal,
    GoalSpecialist,
    IgnoreReason,
    LeadSource,
    Make,
    RequestReason,
    VehicleModel,
)
from addons.contacts.models.documents import Document
from addons.contacts.models.parties import Consent, Customer, CustomerPhone, OdometerReading, Vehicle
from addons.contacts.models.traffic import ContactReason, InboundContact

__all__ = [
    "Consent",
    "ContactGoal",
    "ContactReason",
    "Customer",
    "CustomerPhone",
    "Document",
    "GoalSpecialist",
    "IgnoreReason",
    "InboundContact",
    "LeadSource",
    "Make",
    "OdometerReading",
    "RequestReason",
    "Vehicle",
    "VehicleModel",
]
