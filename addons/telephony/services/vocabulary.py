"""The fixed words of telephony: declared once, used by lists, cards, tasks and tests."""

from __future__ import annotations

from addons.contacts.services.vocabulary import Channel
from core import AuditWords, T

IN, OUT, INTERNAL = "in", "out", "internal"
DIRECTIONS = {IN: T("Incoming"), OUT: T("Outgoing"), INTERNAL: T("Inside the house")}

MISSED = "missed"
DISPOSITIONS = {
    "answered": T("Answered"),
    MISSED: T("Missed"),
    "client_no_answer": T("The client did not answer"),
    "client_busy": T("The client was busy"),
    "employee_no_answer": T("The employee did not answer"),
    "no_employee": T("No employee answered"),
}
UNANSWERED_BY_CLIENT = ("client_no_answer", "client_busy")
"""Calls of ours that the client did not take."""

LOSS_REASONS = {
    "listening_ivr": T("listening to the voice menu"),
    "waiting_queue": T("waiting for an answer"),
    "ringing_manager": T("ringing a manager"),
}
"""What went on when the client gave up (S1-18…20)."""

LEG_RESULTS = {"answered": T("answered"), "no answer": T("no answer"), "refused": T("refused")}
TRANSFERS = {"blind": T("without asking"), "attended": T("after asking")}
TRANSFER_RESULTS = {"answered": T("taken"), "returned": T("came back"), "lost": T("client lost")}

LINKED = "linked"
LINK_STATES = {
    "off": T("Not linked"),
    "connecting": T("Connecting"),
    "refused": T("The exchange refuses us"),
    "away": T("Out of reach"),
    LINKED: T("Linked"),
}

NO_LOG, UNREADABLE, BEGINS_LATER, ONLY_RECORDS = "no_log", "unreadable", "begins_later", "only_records"
GAP_PROBLEMS = {
    NO_LOG: T("The exchange’s record names no log to fill it from"),
    UNREADABLE: T("The log of the exchange cannot be read"),
    BEGINS_LATER: T("The log of the exchange begins later"),
    ONLY_RECORDS: T("There are only call records (CDR) of that time: who was passed on to whom is not among them"),
}
"""Why it is not known which calls there were while the link was away."""

GOING_ON, ANSWERED, UNANSWERED, OVERTAKEN = "going_on", "answered", "unanswered", "overtaken"
CLOSED, REFUSED, DOUBTFUL = "closed", "refused", "doubtful"
CAMPAIGNS = {
    GOING_ON: T("Colleagues are being called"),
    ANSWERED: T("A colleague has answered"),
    UNANSWERED: T("No colleague has answered"),
    OVERTAKEN: T("Somebody has taken the request meanwhile"),
    CLOSED: T("Outside working hours"),
    REFUSED: T("Nobody was called"),
    DOUBTFUL: T("The exchange did not tell how it went"),
}
"""What becomes of the calls for a request of a site."""
ORDERED, SENT, UNSENT, FAILED = "ordered", "sent", "unsent", "failed"
ATTEMPTS = {
    ORDERED: T("is to ring"),
    SENT: T("rings"),
    ANSWERED: T("answered"),
    UNANSWERED: T("no answer"),
    UNSENT: T("the exchange was out of reach"),
    FAILED: T("the exchange refused"),
    DOUBTFUL: T("not known"),
}
"""What becomes of one of them."""

MISSED_CHANNEL = Channel("telephony.missed", T("Missed call"), "phone-x", "missed", by_hand=False, goals_of="phone")
OUT_CHANNEL = Channel("telephony.out", T("Outgoing call"), "phone-outgoing", "", by_hand=False, goals_of="phone")
WITHHELD = T("Number withheld")
CALL_CHANNEL = "phone"
"""The channel of contacts for calls that somebody has answered (S1-03)."""
CHANNELS = [MISSED_CHANNEL, OUT_CHANNEL]

AUDIT = AuditWords(
    actions={
        "retention_purge": T("erased at the end of its term"),
        "recording_listen": T("listened to the recording"),
        "recording_download": T("downloaded the recording"),
    },
    things={
        "telephony_pbx": T("Telephone exchange"),
        "telephony_line": T("Line"),
        "telephony_call_check": T("Check of a call"),
    },
    fields={
        ("telephony_call", "recording"): T("Recording"),
        ("telephony_call_check", "call_id"): T("Call"),
        ("telephony_call_check", "verdict"): T("What was found"),
        ("telephony_call_check", "remark"): T("Remark"),
    },
)
"""What telephony is called in the audit trail where no screen has the words."""
