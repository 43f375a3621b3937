"""What sales holds about people, and what the law makes it keep (SEC-69…71)."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import Customer, Document
from addons.sales.models import ClientWishes, LostReason, Worksheet
from addons.sales.services.stages import stage_titles
from core import Declaration, Hold, NotPersonal, PersonalData, T, personal_data

_ACCOUNTING = T("Papers of a finished sale are kept five years (402-FZ, art. 29; Tax Code, art. 23)")


def declarations() -> list[Declaration]:
    """Worksheets, and the hold on those that ended with a handover."""
    return [
        PersonalData(
            model=Worksheet,
            title=T("Worksheets"),
            category=T("Wishes of a buyer and course of the sale"),
            links=(personal_data.Link("id", Document), personal_data.Link("customer_id", Customer)),
            fields={
                "customer_text": personal_data.blank(T("Name as it was told")),
                "interest": personal_data.blank(T("Car wanted")),
                "trade_in": personal_data.blank(T("Car in exchange")),
                "next_step": personal_data.blank(T("Next step")),
                "note": personal_data.blank(T("Note")),
                "lost_comment": personal_data.blank(T("Remark on the loss")),
            },
            export={
                "stage": personal_data.Told(T("Stage"), stage_titles),
                "stage_since": T("Since"),
                "budget": T("Budget, kopecks"),
                "next_step_at": T("Next step at"),
            },
        ),
        PersonalData(
            model=ClientWishes,
            title=T("Wishes of a buyer"),
            category=T("Wishes of a buyer and course of the sale"),
            links=(personal_data.Link("id", Customer),),
            fields={
                "wishes": personal_data.blank(T("What he is looking for")),
                "payment": personal_data.blank(T("How he pays")),
            },
            export={"budget": T("Budget, kopecks")},
        ),
        Hold(
            model=Document,
            where=Document.id.in_(select(Worksheet.id).where(Worksheet.stage == "delivered")),
            columns=("customer_text",),
            law=_ACCOUNTING,
            years=5,
            since="at",
        ),
        NotPersonal(T("a directory: the same for everybody"), (LostReason,)),
    ]
