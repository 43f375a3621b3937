"""«Разбить адрес по отдельным полям»: what the splitter reads in an address, and what a person has made of it (S4-50…60)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from addons.delivery.address import FIELDS, Address, parse
from addons.delivery.address.gazetteer import cities_of_station, region_type
from addons.delivery.models import AddressPart, DeliveryOrder
from addons.delivery.services import card_reads
from addons.delivery.services.completeness import missing_of
from addons.delivery.services.limits import HOME_CITY, HOME_REGION
from addons.delivery.services.orders import locked_order, same_address
from addons.delivery.services.orders import told as told_of
from addons.delivery.services.vocabulary import EARLIER, KIND_TITLES, MAIN_PARTS, ORIGINS, PART_TITLES
from core import Field, FormSection, Invalid, T, WorkSession, kept, settings

SECTION = "place"
"""The name of the part of the form that holds the fields of an address."""
REMARK = "comment"
PARTS = tuple(name for name in FIELDS if name != REMARK)
Fill = Callable[[WorkSession, Any, Mapping[str, str], str], Mapping[str, str]]
LONGEST, LONGEST_PART, LONGEST_NOTE, LONGEST_WORDS = 1000, 200, 2000, 300
SAID, GUESSED, ASSUMED, BY_HAND = "said", "guessed", "assumed", "hand"
REMARK_TO = ("client_comment", "operator_comment")
TOLD_BY = ("method", "phone", "payment_method", "delivery_on", "window")
"""Fields of the order that say as well what a courier still needs."""
_REGIONS = {"Москва": "moscow", "Московская": "moscow_region"}
_SEPARATORS = " \t\r\n,;."


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of an address as the form and the card show it.

    ``kind`` is the short word of what it is (``ул``); ``origin`` is empty where the field is, ``checked_by`` while
    nobody has checked it. ``proposed`` is what the address says now instead of a value of an earlier one.
    """

    name: str
    value: str
    kind: str = ""
    origin: str = ""
    words: str = ""
    checked_by: str = ""
    proposed: str = ""

    @property
    def needs_check(self) -> bool:
        """Whether a person still has to look at it (S4-54)."""
        return bool(self.value) and not self.checked_by and self.origin != BY_HAND

    @property
    def in_doubt(self) -> bool:
        """Whether it is more than a word of the address as it stands, and so may be another house or region (S4-55)."""
        return self.needs_check and self.origin != SAID


def section() -> FormSection:
    """The fields of the address in the form of an order, right below the address itself."""
    titles = {**PART_TITLES, **{f"{name}_type": title for name, title in KIND_TITLES.items()}}
    fields = (
        Field("split_of", T("Text that the fields were read from"), kind="long_text", longest=LONGEST),
        Field("typed", T("Address as it was typed first"), kind="long_text", longest=LONGEST),
        *(Field(name, titles[name], longest=LONGEST_PART) for name in PARTS),
        Field("note", T("Additional information"), kind="long_text", longest=LONGEST_NOTE),
        Field("checked", T("I have checked the address"), kind="bool"),
    )
    return FormSection(
        SECTION,
        T("Address by fields"),
        fields,
        load,
        save,
        after="address",
        template="delivery/address_fields.html",
        told=told,
    )


def parts_of(session: WorkSession, order_id: int) -> dict[str, AddressPart]:
    """The stored fields of an order's address by their names."""
    found = session.scalars(select(AddressPart).where(AddressPart.order_id == order_id))
    return {part.name: part for part in found}


def read_address(session: WorkSession, text: str, branch_id: int | None = None) -> Address:
    """Split an address; the dealership's own town is assumed only where it was said to be one (S4-56).

    Text that is longer than a form may hold is not split: nobody could check what comes of it.
    """
    if len(text) > LONGEST:
        return parse("")
    found = settings.read_all(session, (HOME_CITY, HOME_REGION), branch_id)
    city, region = found[HOME_CITY.name].strip(), found[HOME_REGION.name].strip()
    home = {"home_city": city, "home_region": region, "home_region_type": region_type(region) or ""}
    return parse(text, home if city else None)


# --- the form ---------------------------------------------------------------------------------


def load(session: WorkSession, order: DeliveryOrder | None) -> Mapping[str, Any]:
    """What the form's part holds of an order."""
    if order is None:
        return {}
    stored = parts_of(session, order.id)
    return {
        "split_of": order.address_split,
        "typed": order.address_typed,
        "note": order.address_note,
        "checked": False,
        **{name: part.value for name, part in stored.items()},
    }


def save(session: WorkSession, order: DeliveryOrder, values: Mapping[str, Any]) -> None:
    """Keep the fields. What a person has typed or ticked as right is checked by him; the rest needs a check (S4-54).

    He has ticked them for the text that he has split: another one is to be split and looked at first.

    :raises Invalid: for a field that is too long, or an address that is another one than was ticked.
    """
    split_of = str(values.get("split_of") or "")
    if values.get("checked") and split_of and not same_address(split_of, order.address):
        raise Invalid({"checked": [T("The address is another one now: split it again, then check it.")]})
    wanted = {name: " ".join(str(values.get(name) or "").split()) for name in PARTS}
    if wrong := [name for name, value in wanted.items() if len(value) > LONGEST_PART]:
        raise Invalid({name: [T("This is too long.")] for name in wrong})
    order.address_split = split_of[:LONGEST]
    order.address_typed = str(values.get("typed") or "")[:LONGEST]
    order.address_note = str(values.get("note") or "").strip()
    found = read_address(session, order.address_split, order.branch_id)
    current = same_address(order.address_split, order.address)
    stored = parts_of(session, order.id)
    for name, value in wanted.items():
        part = stored.get(name)
        if not value:
            if part is not None:
                session.delete(part)
            continue
        if part is None:
            part = AddressPart(order_id=order.id, name=name, value="", words="", origin="")
            session.add(part)
        if part.value != value or part.confirmed_at is None:
            _read_into(session, part, value, found, current=current)
        if values.get("checked"):
            _confirm(session, part)
    session.flush()


def _read_into(session: WorkSession, part: AddressPart, value: str, found: Address, *, current: bool) -> None:
    part.origin = _origin(part if part.value == value else None, found, part.name, value, current=current)
    part.value, part.words = value, ""
    part.confirmed_at = part.confirmed_by_id = None
    if part.origin == BY_HAND:
        _confirm(session, part)
    elif part.origin != EARLIER:
        part.words = found.words(part.name)[:LONGEST_WORDS]


def _origin(same: Any, found: Address, name: str, value: str, *, current: bool) -> str:
    """Where a value that needs a check comes from; only what is typed now comes from a person's hand.

    :param same: the field as it is stored, where it holds this value.
    :param current: whether the address still is the text that was read.
    """
    read = origin_of(found, name, value)
    if same is None:
        return read
    if read == BY_HAND and same.origin != EARLIER and current and _may_be_meant(found, name, value):
        return GUESSED
    if read == BY_HAND or (same.origin == EARLIER and not current):
        return EARLIER
    return read


def _may_be_meant(found: Address, name: str, value: str) -> bool:
    """Whether the address leaves a choice that this value is one of (S4-56)."""
    part = found.part(name)
    return part is not None and part.needs_choice and value in part.candidates


def _confirm(session: WorkSession, part: AddressPart) -> None:
    if part.confirmed_at is None:
        part.confirmed_at, part.confirmed_by_id = session.now(), session.access.user_id


def check(session: WorkSession, order_id: int) -> DeliveryOrder:
    """Somebody has looked at every field of the address and found it right (S4-54).

    :raises Forbidden: for who may not change the order.
    """
    order = locked_order(session, order_id, "change")
    for part in parts_of(session, order.id).values():
        _confirm(session, part)
    session.flush()
    told_of(session, order)
    return order


def origin_of(found: Address, name: str, value: str) -> str:
    """Where a value comes from: words of the text, a guess from them, nothing in the text, or a person (S4-55)."""
    part = found.part(name)
    if part is None or part.value != value:
        return BY_HAND
    if part.assumed or part.span is None:
        return ASSUMED
    return SAID if value.casefold() in found.words(name).casefold() else GUESSED


# --- the buttons of the form --------------------------------------------------------------------


def fill_split(
    session: WorkSession, order: DeliveryOrder | None, sent: Mapping[str, str], _what: str = ""
) -> dict[str, str]:
    """The fields of the address as it is typed now. What a person has typed or checked stays (S4-52).

    That is so too where he has checked it for another address: then the form proposes what this one says
    (:func:`fill_part`). Whoever has said that he has checked them has not seen these.

    :raises Invalid: without an address.
    """
    text = sent.get("address", "").replace("\r\n", "\n")
    if not text.strip():
        raise Invalid({"address": [T("Write the address first.")]}, T("There is no address to split."))
    if len(text) > LONGEST:
        return {}
    branch_id = order.branch_id if order is not None else None
    before = read_address(session, sent.get(_field("split_of"), ""), branch_id)
    found = read_address(session, text, branch_id)
    stored = _stored(session, order).items()
    checked = {name: part for name, part in stored if part.confirmed_at is not None or part.origin == EARLIER}
    now = {name: sent.get(_field(name), "").strip() for name in PARTS}
    kept = {
        name
        for name, value in now.items()
        if value and (value != before.value(name) or (name in checked and checked[name].value == value))
    }
    # The word for what something is goes with its name: «ул» stays with a street that stays.
    kept |= {f"{name}_type" for name in kept if f"{name}_type" in now}
    values = {name: now[name] if name in kept else _fitting(found.value(name)) for name in PARTS}
    filled = {_field(name): value for name, value in values.items()} | {_field("split_of"): text}
    filled[_field("checked")] = ""
    region = _region_of(values["region"])
    if region and sent.get("region", "") in ("", _region_of(now["region"])):
        filled["region"] = region
    return filled


def _region_of(name: str) -> str:
    """The order's own «Регион» that a region of the address means."""
    return _REGIONS.get(name, "other") if name else ""


def fill_part(
    session: WorkSession, order: DeliveryOrder | None, sent: Mapping[str, str], what: str
) -> Mapping[str, str]:
    """What the address says now, instead of what somebody has checked for an earlier one."""
    found = read_address(session, sent.get(_field("split_of"), ""), order.branch_id if order is not None else None)
    if what not in PARTS:
        return {}
    return {_field(name): _fitting(found.value(name)) for name in (what, f"{what}_type") if name in PARTS}


def fill_city(
    _session: WorkSession, _order: DeliveryOrder | None, _sent: Mapping[str, str], what: str
) -> Mapping[str, str]:
    """The city that a person has chosen among those that the address may mean (S4-56)."""
    return {_field("city"): what[:LONGEST_PART], _field("city_type"): "г"}


def fill_remark(
    session: WorkSession, order: DeliveryOrder | None, sent: Mapping[str, str], what: str
) -> Mapping[str, str]:
    """Move what is no address into a comment (S4-51); the text as it was typed is kept beside (S4-50)."""
    text = sent.get("address", "").replace("\r\n", "\n")
    found = read_address(session, text, order.branch_id if order is not None else None)
    remark = found.value(REMARK)
    if not remark or what not in REMARK_TO:
        return {}
    comment = sent.get(what, "").strip()
    moved = {what: comment if remark in comment else "\n".join(filter(None, (comment, remark)))}
    rest = without_remark(found)
    if rest == text:
        return moved
    moved |= {"address": rest, _field("typed"): sent.get(_field("typed"), "") or text}
    if not rest:
        return moved | {_field("split_of"): "", _field("checked"): ""}
    return moved | fill_split(session, order, {**sent, **moved})


def fill_nothing(
    _session: WorkSession, _order: DeliveryOrder | None, _sent: Mapping[str, str], _what: str
) -> Mapping[str, str]:
    """Nothing but what the form works out of what was chosen: the cities that a station leaves over (S4-58), what is checked."""
    return {}


FILLS: Mapping[str, Fill] = {
    "split": fill_split,
    "part": fill_part,
    "city": fill_city,
    "remark": fill_remark,
    "told": fill_nothing,
}
"""The buttons of the form."""


def without_remark(found: Address) -> str:
    """The address without the words of its remark; as it was, where they cannot be taken out without changing a field."""
    part, text = found.part(REMARK), found.text
    if part is None or part.span is None:
        return text
    at, end = part.span
    pieces = []
    for piece in part.value.split():
        at = text.find(piece, at, end)
        if at < 0:
            return text
        pieces.append((at, at + len(piece)))
        at += len(piece)
    for first, last in reversed(pieces):
        text = f"{text[:first].rstrip(_SEPARATORS)}, {text[last:].lstrip(_SEPARATORS)}".strip(_SEPARATORS)
    same = {name: found.value(name) for name in PARTS}
    left = parse(text)
    said = {name for name in PARTS if not found.parts.get(name) or not found.parts[name].assumed}
    return text if all(left.value(name) == same[name] for name in said) else found.text


def _fitting(value: str) -> str:
    """Nothing rather than a piece of a value."""
    return value if len(value) <= LONGEST_PART else ""


def _field(name: str) -> str:
    return f"{SECTION}-{name}"


def _stored(session: WorkSession, order: DeliveryOrder | None) -> dict[str, AddressPart]:
    return parts_of(session, order.id) if order is not None else {}


# --- what is shown ------------------------------------------------------------------------------


def told(session: WorkSession, order: DeliveryOrder | None, texts: Mapping[str, str]) -> Mapping[str, Any]:
    """What the form's part shows beside its fields: where each comes from, what is in doubt, what may be moved."""
    address, split_of = texts.get("address", ""), texts.get(_field("split_of"), "")
    found = read_address(session, split_of, order.branch_id if order is not None else None)
    now = {name: texts.get(_field(name), "") for name in PARTS}
    rows = kept.read(session, card_reads.parts_of(order.id)) if order is not None else ()
    stored = {row.name: row for row in rows}
    if order is not None and not same_address(order.address, address):
        stored = {
            name: _Unchecked(row.name, row.value, EARLIER) if row.confirmed_at else row for name, row in stored.items()
        }
    current = same_address(split_of, address)
    parts = {each.name: each for each in _shown_now(now, found, stored, current=current)}
    if texts.get(_field("checked")) and (current or not split_of):
        by = session.access.name
        parts = {name: replace(each, checked_by=by) if each.needs_check else each for name, each in parts.items()}
    return {
        "parts": parts,
        "is_split": bool(split_of),
        "too_long": len(address) > LONGEST,
        "stale": bool(split_of) and not current,
        "earlier": any(each.origin == EARLIER and each.needs_check for each in parts.values()),
        "recognised": sum(1 for each in parts.values() if each.value),
        "to_check": sum(1 for each in parts.values() if each.needs_check),
        "in_doubt": any(each.in_doubt for each in parts.values()),
        "cities": cities(found, now),
        "remark": found.value(REMARK) if current else "",
        "typed": texts.get(_field("typed"), ""),
        "missing": missing_of(texts, now, checked=not any(each.needs_check for each in parts.values())),
        "told_by": TOLD_BY,
        "longest": LONGEST,
        "titles": PART_TITLES,
        "kinds": KIND_TITLES,
        "main": [parts[name] for name in MAIN_PARTS],
        "rest": [each for name, each in parts.items() if name not in MAIN_PARTS],
        "origins": ORIGINS,
    }


@dataclass(frozen=True, slots=True)
class _Unchecked:
    """A stored field whose check no longer holds, as saving will leave it."""

    name: str
    value: str
    origin: str
    confirmed_at: None = None


def _shown_now(now: Mapping[str, str], found: Address, stored: Mapping[str, Any], *, current: bool) -> Iterator[Shown]:
    for name in PARTS:
        if name.endswith("_type"):
            continue
        value, kind, part = now[name], now.get(f"{name}_type", ""), stored.get(name)
        if not value:
            yield Shown(name, "", kind)
        elif part is not None and part.value == value and part.confirmed_at is not None:
            yield _as_stored(part, kind)
        else:
            same = part if part is not None and part.value == value else None
            origin = _origin(same, found, name, value, current=current)
            words = found.words(name) if origin not in (BY_HAND, EARLIER) else ""
            instead = _fitting(found.value(name)) if origin == EARLIER and current else ""
            yield Shown(name, value, kind, origin, words, proposed=instead)


def shown(stored: Mapping[str, Any]) -> list[Shown]:
    """The stored fields of an address in their order, as the card and the courier's sheet show them.

    :param stored: the rows of :func:`.card_reads.parts_of` by their names.
    """
    named = [name for name in PARTS if name in stored and not name.endswith("_type")]
    kinds = {name: stored[f"{name}_type"].value for name in named if f"{name}_type" in stored}
    return [_as_stored(stored[name], kinds.get(name, "")) for name in named]


def stale(order: DeliveryOrder, parts: Iterable[Shown]) -> bool:
    """Whether the address has changed since its fields were read or checked, and nobody has checked them again."""
    changed = bool(order.address_split) and not same_address(order.address_split, order.address)
    return any(part.needs_check and (changed or part.origin == EARLIER) for part in parts)


def _as_stored(part: Any, kind: str) -> Shown:
    by = (part.checked_by or "—") if part.confirmed_at is not None else ""
    return Shown(part.name, part.value, kind, part.origin, part.words, by)


def cities(found: Address, now: Mapping[str, str]) -> tuple[str, ...]:
    """What may be meant where no city is named; a metro station that was typed narrows it (S4-56, S4-58)."""
    part = found.part("city")
    if part is None or not part.needs_choice or now.get("city") or now.get("settlement"):
        return ()
    of_station = cities_of_station(now["metro"]) if now.get("metro") else ()
    return tuple(dict.fromkeys(of_station)) or part.candidates
