"""What sales holds about people, and what the law makes it keep (SEC-69…71)."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import Customer, Document
from addons.sales.models import ClientWishes, LostReason, Worksheet
from addons.sales.services.stages import STAGE
from core.web.i18n import T
from core.work.personal_data import Declaration, Hold, Link, NotPersonal, PersonalData, Told, blank

_ACCOUNTING = T("Papers of a finished sale are kept five years (402-FZ, art. 29; Tax Code, art. 23)")
_STAGES = {code: stage.title for code, stage in STAGE.items()}


def declarations() -> list[Declaration]:
    """Worksheets, and the hold on those that ended with a handover."""
    return [
        PersonalData(
            model=Worksheet,
            title=T("Worksheets"),
            category=T("Wishes of a buyer and course of the sale"),
            links=(Link("id", Document), Link("customer_id", Customer)),
            fields={
                "customer_text": blank(T("Name as it was told")),
                "interest": blank(T("Car wanted")),
                "trade_in": blank(T("Car in exchange")),
                "next_step": blank(T("Next step")),
                "note": blank(T("Note")),
                "lost_comment": blank(T("Remark on the loss")),
            },
            export={
                "stage": Told(T("Stage"), _STAGES),
                "stage_since": T("Since"),
                "budget": T("Budget, kopecks"),
                "next_step_at": T("Next step at"),
            },
        ),
        PersonalData(
            model=ClientWishes,
            title=T("Wishes of a buyer"),
            category=T("Wishes of a buyer and course of the sale"),
            links=(Link("id", Customer),),
            fields={"wishes": blank(T("What he is looking for")), "payment": blank(T("How he pays"))},
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
