"""The channels of contacts and how each is drawn: declared once, used by forms, lists, cards and tests."""

from __future__ import annotations

from dataclasses import dataclass

from core.web.i18n import T


@dataclass(frozen=True, slots=True)
class Channel:
    """A way people reach the dealership (C-05). ``look`` names the colour of its square."""

    code: str
    title: str
    icon: str
    look: str = ""
    by_hand: bool = True
    """Whether reception registers it all the time; the others are by hand as well, only rarely (S2-19)."""
    waits_here: bool = False
    """Whether the person stands in the hall and can wait in the queue; who calls or writes cannot (C-07)."""


CHANNELS: tuple[Channel, ...] = (
    Channel("phone", T("Call"), "phone"),
    Channel("visit", T("Visit"), "walk", "visit", waits_here=True),
    Channel("web", T("Website"), "world", "site"),
    Channel("chat", T("Chat"), "message-2", "chat"),
    Channel("mobile_app", T("Mobile app"), "device-mobile", "site"),
    Channel("mobile_phone", T("Mobile call"), "device-mobile-message", by_hand=False),
    Channel("invitation", T("Invitation"), "mail-opened", "visit", by_hand=False, waits_here=True),
    Channel("other", T("Other channel"), "dots", "grey", by_hand=False, waits_here=True),
)
CHANNEL = {channel.code: channel for channel in CHANNELS}
RECEPTION_CHANNELS = tuple(channel for channel in CHANNELS if channel.by_hand)
RARE_CHANNELS = tuple(channel for channel in CHANNELS if not channel.by_hand)

SENT_TITLES = {
    "form": T("Form"),
    "name": T("Client's name"),
    "phone": T("Phone"),
    "email": T("E-mail"),
    "comment": T("Comment"),
    "message": T("Message"),
    "page": T("Page"),
}
"""What people call the values that forms of sites usually send; the rest is shown under its own name (S1-40)."""

CATEGORIES = {
    "sale": T("Car sale"),
    "repair": T("Repair"),
    "parts": T("Parts"),
    "information": T("Information"),
    "other": T("Other"),
}

ROUTES = {
    "document": T("Becomes a document"),
    "information": T("Information only"),
    "employee": T("For a certain employee"),
    "follow_up": T("Follows an earlier contact"),
}
