"""The fixed words of the workshop: declared once, used by forms, lists, cards, print forms and tests."""

from __future__ import annotations

from core import AuditWords, T

BAY_KINDS = {
    "lift": T("Lift"),
    "diagnostics": T("Diagnostics"),
    "alignment": T("Wheel alignment"),
    "body": T("Body work"),
    "tyres": T("Tyres"),
    "wash": T("Wash"),
    "other": T("Other bay"),
}

PAY_TYPES = {
    "customer": T("Client pays"),
    "warranty": T("Warranty"),
    "insurance": T("Insurance"),
    "internal": T("Internal"),
}

LINE_KINDS = {
    "labour": T("Labour"),
    "part": T("Part"),
    "outside": T("Outside work"),
}

PAYMENT_METHODS = {
    "cash": T("Cash"),
    "card": T("Bank card"),
    "transfer": T("Bank transfer"),
    "other": T("Another way"),
}

AGREED_HOW = {
    "in_person": T("In person"),
    "phone": T("By phone"),
    "message": T("By message"),
    "signature": T("By signature"),
}

ABSENCE_REASONS = {
    "leave": T("Leave"),
    "illness": T("Illness"),
    "training": T("Training"),
    "other": T("Other"),
}

URGENCIES = {
    "now": T("At once"),
    "soon": T("Soon"),
    "later": T("At the next maintenance"),
}

FUEL_LEVELS = {"0": "0", "1/4": "1/4", "1/2": "1/2", "3/4": "3/4", "1": "1"}

HAND_OVER = {
    "works_shown": T("The works done were shown to the client"),
    "parts_returned": T("Replaced parts were offered back"),
    "car_washed": T("The car is clean"),
    "papers_given": T("The papers were given"),
    "keys_given": T("The keys and belongings were given back"),
}
"""What is ticked when a car is handed over."""

AUDIT = AuditWords(
    actions={
        "booking.moved": T("booking moved to another state"),
        "visit.moved": T("car visit moved to another state"),
        "order.moved": T("repair order moved to another state"),
    },
    things={
        "service_concern": T("Complaint"),
        "service_order_line": T("Work or part"),
        "service_approval": T("What the client agreed to"),
        "service_payment": T("Payment"),
        "service_recommendation": T("Recommendation"),
    },
    fields={
        ("service_labour_rate", "whose"): T("For whom, as a key"),
        ("service_maintenance_rule", "whose"): T("For whom, as a key"),
        ("service_concern", "concern"): T("What the client complains of"),
        ("service_concern", "cause"): T("Cause"),
        ("service_concern", "correction"): T("What was done about it"),
        ("service_order_line", "title"): T("Title"),
        ("service_order_line", "quantity"): T("Quantity, thousandths"),
        ("service_order_line", "price"): T("Price, kopecks"),
        ("service_order_line", "discount"): T("Discount, hundredths of a percent"),
        ("service_order_line", "total"): T("Sum, kopecks"),
        ("service_order_line", "done"): T("Done"),
        ("service_approval", "who"): T("Who has agreed"),
        ("service_approval", "total"): T("Sum, kopecks"),
        ("service_payment", "amount"): T("Sum, kopecks"),
        ("service_payment", "method"): T("How"),
        ("service_recommendation", "text"): T("What should be done"),
        ("service_recommendation", "state"): T("State"),
    },
)
"""What service is called in the audit trail where no screen has the words."""
