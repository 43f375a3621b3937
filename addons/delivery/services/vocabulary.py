"""The fixed words of delivery: declared once, used by forms, lists, cards, guards, the API and tests."""

from __future__ import annotations

from core import AuditWords, T

ORDER_TYPES = {"person": T("Private person"), "legal": T("Legal entity")}
"""«Тип заказа» (S4-02, C-21)."""

METHODS = {
    "inside_mkad": T("Inside the MKAD"),
    "outside_mkad": T("Outside the MKAD"),
    "pickup": T("Pickup"),
    "other": T("Another way"),
}
"""«Способ доставки» (S4-49)."""

CARRIERS = {
    "own": T("Own courier"),
    "courier_service": T("Courier service"),
    "transport_company": T("Transport company"),
}

REGIONS = {
    "moscow": T("Moscow"),
    "moscow_region": T("Moscow region"),
    "other": T("Another region"),
}
COURIER_REGIONS = frozenset({"moscow", "moscow_region"})
"""Where a courier service of others delivers (S4-14)."""

PAYMENT_METHODS = {
    "cash": T("Cash"),
    "card": T("Card on delivery"),
    "invoice": T("By invoice"),
    "site_card": T("Bank card on the site"),
    "site_wallet": T("Electronic wallet on the site"),
    "other": T("Another way of payment"),
}
"""«Оплата» (S4-67)."""
ONLINE = frozenset({"site_card", "site_wallet"})
"""Ways of payment through the services of the site (S4-11)."""

NOT_TO_COURIER = frozenset({"invoice", *ONLINE})
"""Ways of payment in which a courier takes nothing."""

PAYMENT_STATUSES = {"unpaid": T("Not paid"), "partly": T("Paid in part"), "paid": T("Paid")}
"""«Статус оплаты» (S4-70)."""

LOGGED = {
    "attempt": T("Call without an answer"),
    "consultation": T("Conversation in substance, with a detailed consultation"),
    "talk": T("Short conversation"),
    "offer": T("Offer sent"),
    "invoice": T("Invoice issued"),
    "reserve": T("Reserve agreed"),
    "agreement": T("Another agreement"),
}
"""What is written into an order's log."""
ATTEMPT, SUBSTANTIVE, INVOICE = "attempt", "consultation", "invoice"
TALKS = frozenset({SUBSTANTIVE, "talk"})
AGREEMENTS = frozenset({"talk", "offer", INVOICE, "reserve", "agreement"})
"""What makes «Недозвон» a matter of two days (S4-24)."""

ANALOGUES = {
    "": T("No analogue was offered"),
    "offered": T("An analogue was offered"),
    "refused": T("The client refused the analogue"),
    "accepted": T("The client takes the analogue"),
}

EARLIER = "earlier"
"""Where a field comes from that somebody has checked, for the address as it was before."""
ORIGINS = {
    "said": T("as in the address"),
    "guessed": T("guessed"),
    "assumed": T("assumed"),
    "hand": T("entered by hand"),
    EARLIER: T("of the address as it was before"),
}
"""Where a field of an address comes from (S4-55)."""

PART_TITLES = {
    "postal_code": T("Postal code"),
    "country": T("Country"),
    "region": T("Region"),
    "area": T("District"),
    "sub_area": T("Rural settlement"),
    "city": T("City"),
    "city_area": T("Administrative district"),
    "city_district": T("City district"),
    "settlement": T("Village"),
    "territory": T("Territory"),
    "street": T("Street"),
    "km": T("Kilometre"),
    "house": T("House"),
    "block": T("Block"),
    "structure": T("Building"),
    "letter": T("Letter"),
    "stead": T("Plot"),
    "entrance": T("Entrance"),
    "floor": T("Floor"),
    "flat": T("Flat"),
    "room": T("Room"),
    "intercom": T("Intercom"),
    "metro": T("Metro station"),
    "postal_box": T("Postal box"),
}
"""The fields of an address (S4-53, S4-57)."""
KIND_TITLES = {
    "region": T("Kind of region"),
    "area": T("Kind of district"),
    "sub_area": T("Kind of rural settlement"),
    "city": T("Kind of town"),
    "city_district": T("Kind of city district"),
    "settlement": T("Kind of village"),
    "territory": T("Kind of territory"),
    "street": T("Kind of street"),
    "house": T("Kind of house"),
    "structure": T("Kind of building"),
    "flat": T("Kind of flat"),
    "room": T("Kind of room"),
}
"""The short words before them: «ул», «пр-кт»."""
MAIN_PARTS = (
    "city", "region", "street", "house", "block", "structure", "entrance", "floor", "flat", "intercom", "metro",
)  # fmt: skip
"""Those that are always there to be filled in; the others only where they hold something, or are asked for."""

AUDIT = AuditWords(
    # Noted by releases before; the trail keeps what it was told.
    actions={"order.status": T("order got another status")},
    things={
        "delivery_order_line": T("Ordered goods"),
        "delivery_address_part": T("Field of an address"),
        "delivery_line_supplier": T("Supplier of ordered goods"),
        "delivery_payment": T("Payment"),
        "delivery_log_entry": T("Entry of the log"),
        "delivery_status_change": T("Status of an order"),
    },
    fields={
        ("delivery_order", "window_minutes"): T("Length of the interval, minutes"),
        ("delivery_order", "window_approved_at"): T("Short interval approved"),
        ("delivery_order", "window_approved_by_id"): T("Who has approved the short interval"),
        ("delivery_order", "department_id"): T("Department"),
        ("delivery_order", "branch_id"): T("Branch"),
        ("delivery_order", "zone_id"): T("Zone"),
        ("delivery_order", "courier_id"): T("Courier"),
        ("delivery_order", "route_position"): T("Place on the route sheet"),
        ("delivery_order", "paid"): T("Paid, kopecks"),
        ("delivery_order_line", "title"): T("Title"),
        ("delivery_order_line", "quantity"): T("Quantity, thousandths"),
        ("delivery_order_line", "delivered"): T("Delivered, thousandths"),
        ("delivery_order_line", "price"): T("Price, kopecks"),
        ("delivery_order_line", "total"): T("Sum, kopecks"),
        ("delivery_order_line", "discontinued"): T("Discontinued"),
        ("delivery_order_line", "analogue"): T("Analogue"),
        ("delivery_order_line", "returned"): T("Brought back, thousandths"),
        ("delivery_order_line", "return_reason"): T("Why it was brought back"),
        ("delivery_address_part", "name"): T("Which field"),
        ("delivery_address_part", "value"): T("What it holds"),
        ("delivery_address_part", "confirmed_at"): T("Checked at"),
        ("delivery_line_supplier", "name"): T("Supplier"),
        ("delivery_line_supplier", "checked_at"): T("Asked at"),
        ("delivery_payment", "amount"): T("Sum, kopecks"),
        ("delivery_payment", "method"): T("How"),
        ("delivery_log_entry", "kind"): T("What happened"),
        ("delivery_log_entry", "note"): T("Note"),
        ("delivery_status_change", "before"): T("Status before"),
        ("delivery_status_change", "after"): T("Status after"),
        ("delivery_status_change", "comment"): T("Comment"),
    },
)
"""What delivery is called in the audit trail where no screen has the words."""
