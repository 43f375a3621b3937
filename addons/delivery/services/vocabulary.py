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

AUDIT = AuditWords(
    actions={"order.status": T("order got another status")},
    things={
        "delivery_order_line": T("Ordered goods"),
        "delivery_line_supplier": T("Supplier of ordered goods"),
        "delivery_payment": T("Payment"),
        "delivery_log_entry": T("Entry of the log"),
        "delivery_status_change": T("Status of an order"),
    },
    fields={
        ("delivery_order_line", "title"): T("Title"),
        ("delivery_order_line", "quantity"): T("Quantity, thousandths"),
        ("delivery_order_line", "delivered"): T("Delivered, thousandths"),
        ("delivery_order_line", "price"): T("Price, kopecks"),
        ("delivery_order_line", "total"): T("Sum, kopecks"),
        ("delivery_order_line", "discontinued"): T("Discontinued"),
        ("delivery_order_line", "analogue"): T("Analogue"),
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
