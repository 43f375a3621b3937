"""Whether what was registered of a call is what was said: a supervisor listens and says so (S2-49)."""

from __future__ import annotations

from sqlalchemy import select

from addons.telephony.models import Call, CallCheck
from core import Conflict, Invalid, T, WorkSession, expect_reach, expect_record, lines_of

CHECK = "telephony.recording.check"
RIGHT, WRONG = "right", "wrong"
VERDICTS = {RIGHT: T("Checked, correct"), WRONG: T("Incorrect")}
LONGEST_REMARK = 500


def check(session: WorkSession, call_id: int, verdict: str, remark: str, version: int) -> CallCheck:
    """Say what was found. Who finds a mistake says which.

    :param version: of the mark that the person has seen, 0 where he has seen none.
    :raises NotFound: no such call, or none that this person may know of.
    :raises Forbidden: he may know of it and not mark it.
    :raises Invalid: another verdict, no remark to a mistake, or a remark too long.
    :raises Conflict: somebody else has marked it meanwhile.
    """
    call = expect_record(session, Call, call_id)
    expect_reach(session, call, CHECK)
    remark = lines_of(remark).strip()
    _expect_words(verdict, remark)
    session.execute(select(Call.id).where(Call.id == call_id).with_for_update())
    found = session.scalars(select(CallCheck).where(CallCheck.call_id == call_id)).one_or_none()
    if (found.version if found is not None else 0) != version:
        raise Conflict(T("Somebody has marked this call meanwhile. Look at the mark first."))
    if found is None:
        found = CallCheck(call_id=call_id)
        session.add(found)
    found.verdict, found.remark = verdict, remark
    session.flush()
    return found


def _expect_words(verdict: str, remark: str) -> None:
    if verdict not in VERDICTS:
        raise Invalid({"verdict": [T("Choose one of the values offered.")]})
    if verdict == WRONG and not remark:
        raise Invalid({"remark": [T("Say what is wrong.")]})
    if len(remark) > LONGEST_REMARK:
        raise Invalid({"remark": [T("This text is too long.")]})
