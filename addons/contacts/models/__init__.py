"""The tables of contacts: parties, directories, traffic, intake, documents, imports, merges."""

from addons.contacts.models.directories import (
    ContactGoal,
    GoalSpecialist,
    IgnoreReason,
    LeadSource,
    Make,
    RequestReason,
    VehicleModel,
)
from addons.contacts.models.documents import Document, DocumentKind
from addons.contacts.models.imports import Import, ImportFact, ImportPart, ImportRow
from addons.contacts.models.intake import ClientMessage, Delivery, IntakeSource
from addons.contacts.models.merges import Merge, MergeMove
from addons.contacts.models.parties import Consent, Customer, CustomerPhone, OdometerReading, Vehicle
from addons.contacts.models.traffic import ContactReason, InboundContact

__all__ = [
    "ClientMessage",
    "Consent",
    "ContactGoal",
    "ContactReason",
    "Customer",
    "CustomerPhone",
    "Delivery",
    "Document",
    "DocumentKind",
    "GoalSpecialist",
    "IgnoreReason",
    "Import",
    "ImportFact",
    "ImportPart",
    "ImportRow",
    "InboundContact",
    "IntakeSource",
    "LeadSource",
    "Make",
    "Merge",
    "MergeMove",
    "OdometerReading",
    "RequestReason",
    "Vehicle",
    "VehicleModel",
]
