"""What parking holds about people."""

from __future__ import annotations

from addons.contacts.models import Customer, Document
from core import Declaration, NotPersonal, PersonalData, T, personal_data
from parking.models import KeptPlace, Pass, Zone
from parking.services.states import STATE

_STAYS = T("Stays on the parking")


def declarations() -> list[Declaration]:
    """Passes and kept places."""
    return [
        PersonalData(
            model=Pass,
            title=T("Parking passes"),
            category=_STAYS,
            links=(personal_data.Link("id", Document), personal_data.Link("customer_id", Customer)),
            fields={
                "customer_text": personal_data.blank(T("Guest")),
                "plate": personal_data.blank(T("Plate")),
                "car": personal_data.blank(T("Car")),
            },
            export={
                "state": personal_data.Told(T("State"), {code: state.title for code, state in STATE.items()}),
                "valid_until": T("Valid until"),
                "entered_at": T("Came in"),
                "left_at": T("Left"),
                "price": T("Price, kopecks"),
            },
        ),
        PersonalData(
            model=KeptPlace,
            title=T("Kept places"),
            category=_STAYS,
            links=(personal_data.Link("id", Customer),),
            fields={"place": personal_data.blank(T("Place kept for him"))},
        ),
        NotPersonal(T("a directory: the same for everybody"), (Zone,)),
    ]
