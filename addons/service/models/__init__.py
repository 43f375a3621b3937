"""The tables of service."""

from addons.service.models.bookings import Booking, BookingJob, Hold
from addons.service.models.orders import (
    ORDER_SUM,
    Approval,
    Concern,
    OrderLine,
    Payment,
    Recommendation,
    RepairOrder,
)
from addons.service.models.visits import CarVisit
from addons.service.models.workshop import (
    Absence,
    Bay,
    Employee,
    Job,
    LabourRate,
    MaintenancePlan,
    MaintenanceRule,
    Shift,
    VatRate,
)

__all__ = [
    "ORDER_SUM",
    "Absence",
    "Approval",
    "Bay",
    "Booking",
    "BookingJob",
    "CarVisit",
    "Concern",
    "Employee",
    "Hold",
    "Job",
    "LabourRate",
    "MaintenancePlan",
    "MaintenanceRule",
    "OrderLine",
    "Payment",
    "Recommendation",
    "RepairOrder",
    "Shift",
    "VatRate",
]
