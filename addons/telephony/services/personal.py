"""What telephony holds about people, and what becomes of it (SEC-69…72)."""

from __future__ import annotations

from addons.contacts.models import CustomerPhone, InboundContact
from addons.telephony.models import (
    DOOMED,
    Attempt,
    Call,
    CallCheck,
    CallContact,
    CallLeg,
    CallName,
    Campaign,
    Line,
    Link,
    LiveCall,
    LivePhone,
    Order,
    Pbx,
    Recording,
)
from addons.telephony.services.vocabulary import CAMPAIGNS, DIRECTIONS, DISPOSITIONS, LOSS_REASONS
from core import Declaration, NotPersonal, PersonalData, T, personal_data

_CALLS = T("Telephone calls")


def declarations() -> list[Declaration]:
    """Calls with the numbers of people, and what is recorded of them."""
    of_call = (personal_data.Link("call_id", Call),)
    return [
        PersonalData(
            model=Call,
            title=T("Phone calls"),
            category=_CALLS,
            links=(
                personal_data.Link("contact_id", InboundContact),
                personal_data.Link("phone", CustomerPhone, "e164", only=(Call.phone != "",)),
            ),
            fields={
                "phone": personal_data.blank(T("Client's number"), identifies=True),
                "caller": personal_data.blank(T("Client's number as it came"), identifies=True),
                "search_key": personal_data.searched(),
            },
            export={
                "started_at": T("Began"),
                "direction": personal_data.Told(T("Direction"), DIRECTIONS),
                "disposition": personal_data.Told(T("Result"), DISPOSITIONS),
                "loss_reason": personal_data.Told(T("Why it was lost"), LOSS_REASONS),
                "talk_ms": T("Talk, milliseconds"),
            },
            exempt={
                "answered_by": T("extensions of the staff"),
                "transfers": T("extensions of the staff"),
                "made": T("extensions of the staff"),
                "linkedid": T("the exchange's own name for a call"),
                "contact_problem": T("why a contact could not be registered"),
            },
        ),
        PersonalData(
            model=CallLeg,
            title=T("Phones that rang"),
            category=_CALLS,
            links=of_call,
            fields={"shown": personal_data.blank(T("Number on the display"), identifies=True)},
            export={"ext": T("Extension"), "rang_at": T("Rang"), "answered_at": T("Answered")},
            exempt={"attempt": T("the exchange's own name for a call")},
        ),
        PersonalData(
            model=Recording,
            title=T("Recordings of calls"),
            category=_CALLS,
            links=of_call,
            fields={"state": personal_data.derived(T("Recorded file"), lambda _session, _row: DOOMED)},
            export={"length_ms": T("Length, milliseconds")},
            exempt={"path": T("where the file is that is deleted next, and this with it")},
        ),
        PersonalData(
            model=CallCheck,
            title=T("Checks of calls"),
            category=_CALLS,
            links=of_call,
            fields={"remark": personal_data.blank(T("Remark"))},
        ),
        PersonalData(
            model=Campaign,
            title=T("Calls for site requests"),
            category=_CALLS,
            links=(
                personal_data.Link("contact_id", InboundContact),
                personal_data.Link("phone", CustomerPhone, "e164", only=(Campaign.phone != "",)),
            ),
            fields={
                "phone": personal_data.blank(T("Client's number"), identifies=True),
                "shown": personal_data.blank(T("What the phones showed"), identifies=True),
            },
            export={"began_at": T("Began"), "state": personal_data.Told(T("Result"), CAMPAIGNS)},
            exempt={
                "source": T("names a site of the dealership"),
                "reason": T("why nobody was called"),
                "steps": T("extensions of the staff"),
            },
        ),
        NotPersonal(T("extensions of the staff that rang"), (Attempt,)),
        NotPersonal(T("exchanges and lines of the house"), (Pbx, Link, Line)),
        NotPersonal(T("the exchange's own names for calls"), (CallName, CallContact)),
        NotPersonal(T("what is on the line now, and goes with its call"), (LiveCall, LivePhone)),
        NotPersonal(T("what the staff has asked the exchange to do, kept for a week"), (Order,)),
    ]
