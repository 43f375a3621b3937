"""Names with a word that says what they name: ул. Ленина, Одинцовский р-н, мкр Северный."""

from __future__ import annotations

from addons.delivery.address import gazetteer
from addons.delivery.address.places import clean_name
from addons.delivery.address.reading import Reading
from addons.delivery.address.vocabulary import NUMBERED, Meaning, agrees, is_adjective

_LONGEST = 6
# Streets and territories that may be called by a number alone: 5 мкр, кв-л 102, 7-я линия.
_NUMBERED_TERRITORIES = frozenset(
    ["мкр", "кв-л", "промзона", "городок", "зона", "массив", "ж/р", "в/ч", "гск", "гк", "снт"]
)
_NUMBERED_STREETS = frozenset(("линия", "просек"))
_ADJECTIVAL_LEVELS = frozenset(("area", "sub_area"))
# A general word that gives way to a more exact one: ул. 5-й Донской проезд, тер. СНТ Ромашка.
_GENERAL = {"street": "ул", "territory": "тер"}

Extent = tuple[int, int]


# Roads known by a name that needs no type word.
_ROAD_LETTERS = frozenset(("м", "а", "р", "е"))
_HIGHWAYS = frozenset(("мкад", "кад", "ттк", "цкад", "екад", "зсд"))


def read_highway(reading: Reading) -> None:
    """The ring roads, which nobody gives a type: МКАД, 78 км. "За МКАД" is a remark."""
    for at, token in enumerate(reading.tokens):
        if token.low in _HIGHWAYS and reading.is_plain(at) and reading.low(at - 1) not in ("за", "от", "до"):
            if any(name.level == "street" and abs(place - at) < 3 for place, name in reading.names.items()):
                return
            reading.put("street", token.text.upper(), at, at + 1)
            return
        if token.low in _ROAD_LETTERS and (end := _federal_road(reading, at)):
            start = at
            reading.put("street", reading.meant[slice(*reading.span(start, end))], start, end)
            if at > 0 and at - 1 in reading.names and reading.names[at - 1].type == "а/д":
                reading.put_type("street", reading.names[at - 1], at - 1)
            return


def _federal_road(reading: Reading, at: int) -> int:
    """М-4 Дон, 45 км: where the road's number and name end, nothing when it is none."""
    number = at + 1 + (reading.low(at + 1) == "-")
    if reading.kind(number) != "number" or not reading.is_free(at):
        return 0
    end = number + 1
    while end < number + 3 and reading.is_plain(end):
        end += 1
    distance = end + (reading.low(end) == ",") + 1
    said = at - 1 in reading.names and reading.names[at - 1].type == "а/д"
    measured = distance in reading.units and reading.units[distance].level == "km"
    return end if said or measured else 0


def read_names(reading: Reading) -> None:
    """All names with their type words, from left to right."""
    for at, name in sorted(reading.names.items()):
        if name.level == "metro" or not reading.free[at]:
            continue
        _READERS.get(name.level, _read_name)(reading, at, name)


def _read_name(reading: Reading, at: int, name: Meaning) -> None:
    if reading.has(name.level):
        return
    extent = _extent_of_area(reading, at, name) if name.level == "sub_area" else _extent(reading, at, name)
    if extent is not None:
        _put(reading, name.level, name, at, extent)


def _put(reading: Reading, field: str, name: Meaning, at: int, extent: Extent, confidence: float = 1.0) -> None:
    start, end = extent
    reading.put(field, clean_name(reading, start, end), start, end, confidence)
    reading.put_type(field, name, at)


def _extent(reading: Reading, at: int, name: Meaning) -> Extent | None:
    """Where the name of a type word stands: after it or before it."""
    right = _right(reading, at + name.size, name)
    left = _left(reading, at, name)
    if right is None or left is None:
        return right or left
    last = reading.tokens[left[1] - 1].low
    if name.level == "territory" and reading.tokens[left[0]].low[0].isdigit():
        return left
    if name.level in _ADJECTIVAL_LEVELS:
        return left if is_adjective(last) else right
    if name.level == "street":
        return left if agrees(last, name.type) or reading.kind(left[1] - 1) == "ordinal" else right
    return right


def _right(reading: Reading, start: int, name: Meaning) -> Extent | None:
    """The words after a type word that are its name."""
    if reading.low(start) in ("№", ":", "-") and start + 1 < reading.size:
        start += 1
    end = start
    while end < min(start + _LONGEST, reading.size) and _continues(reading, start, end, name):
        end += 1
        if reading.tokens[end - 1].closes:
            break
    if end == start:
        return _numeral(reading, start, name)
    end = _hyphenated(reading, end, name)
    return start, _shortened(reading, start, end, name)


def _continues(reading: Reading, start: int, at: int, name: Meaning) -> bool:
    """Whether the token at this place belongs to the name that began at ``start``."""
    if reading.is_plain(at):
        return True
    if not reading.is_free(at) or at in reading.aside:
        return False
    if reading.kind(at) == "number":
        return _is_numbered(reading, at) and (at == start or reading.low(at + 1) in NUMBERED)
    meaning = reading.names.get(at)
    if meaning is None:
        return False
    # "ул. Набережная", "ул. Лесной городок": a type word that has no name of its own is the name.
    if name.level == "street" and meaning.level in ("street", "territory", "city", "settlement"):
        return _is_name_itself(reading, start, at, name)
    # "д. Слобода", "мкр. Белый Хутор", "с/п Деревня Ерденево": the word belongs to the name.
    if meaning.level != "settlement" or len(reading.low(at)) <= 3:
        return False
    if at != start:
        return name.level in ("settlement", "territory") and reading.is_end(at + 1)
    return (name.level == "settlement" and reading.is_end(at + 1)) or (
        name.level == "sub_area" and reading.is_plain(at + 1)
    )


def _is_name_itself(reading: Reading, start: int, at: int, name: Meaning) -> bool:
    meaning = reading.names[at]
    word = reading.tokens[at].low
    if len(word) <= 3 or meaning.size > 1 or reading.tokens[at].dot:
        return False
    followed = reading.is_plain(at + 1) or reading.kind(at + 1) == "ordinal"
    if at == start:
        return not followed and (reading.is_end(at + 1) or reading.kind(at + 1) == "number" or at + 1 in reading.units)
    return name.type != "ул" and word == "городок"


def _is_numbered(reading: Reading, at: int) -> bool:
    """Whether a number begins a name: 9 Мая, 26 Бакинских Комиссаров, 3 Парковая."""
    if not reading.is_plain(at + 1):
        return False
    word = reading.low(at + 1)
    return word in NUMBERED or (len(word) > 3 and (is_adjective(word) or reading.kind(at + 2) in ("number", "word")))


def _numeral(reading: Reading, start: int, name: Meaning) -> Extent | None:
    """A number that is the whole name: мкр 5, кв-л 102А, Проектируемый проезд № 4062."""
    if not (reading.is_free(start) and reading.kind(start) == "number" and start not in reading.aside):
        return None
    if name.level == "territory" and name.type in _NUMBERED_TERRITORIES:
        end = start + 1
        if end < reading.size and reading.is_free(end) and len(reading.low(end)) == 1 and not reading.tokens[end].gap:
            end += reading.kind(end) == "word" and end not in reading.units
        quoted = _quoted(reading, end)
        return start, quoted[1] if quoted else end
    return None


def _hyphenated(reading: Reading, end: int, name: Meaning) -> int:
    """Take the number that a hyphen ties to the name of a territory or village: Ромашка-2."""
    if (
        name.level in ("territory", "settlement", "city")
        and reading.low(end) == "-"
        and not reading.tokens[end - 1].closes
    ):
        number = end + 1
        if reading.kind(number) == "number" and not reading.tokens[number].gap and not reading.tokens[end].gap:
            return number + 1
    if name.level == "territory" and reading.low(end) == "№" and reading.kind(end + 1) == "number":
        return end + 2
    # СНТ Ромашка 2, уч. 5: a number right after the name, with the plot named by its own word
    if (
        name.level == "territory"
        and reading.kind(end) == "number"
        and reading.is_end(end + 1)
        and _has_unit_after(reading, end + 1)
    ):
        return end + 1
    return end


def _has_unit_after(reading: Reading, at: int) -> bool:
    return any(unit.level in ("stead", "house") for place, unit in reading.units.items() if place > at)


def _shortened(reading: Reading, start: int, end: int, name: Meaning) -> int:
    """Leave to what follows without a comma what is its own: д Ивановка | Лесная улица 5, д Ивановка | Лесная 5."""
    if name.level == "street" or end - start < 2:
        return _street_end(reading, start, end) if name.level == "street" else end
    if reading.tokens[end - 1].closes:
        return end
    following = reading.names.get(end)
    if following is not None and following.level == "street":
        if not (reading.is_plain(end + following.size) or reading.kind(end + following.size) == "ordinal"):
            kept = end
            while kept > start + 1 and (
                agrees(reading.low(kept - 1), following.type) or reading.kind(kept - 1) == "ordinal"
            ):
                kept -= 1
            return kept if kept < end else start + _first_words(reading, start, end)
        return end
    if (
        reading.kind(end) == "number"
        and not _says_street(reading)
        and name.level in ("settlement", "city", "territory")
    ):
        return start + _first_words(reading, start, end)
    return end


def _first_words(reading: Reading, start: int, end: int) -> int:
    """How many words the name of a place has when a street's follows it at once."""
    return 2 if is_adjective(reading.low(start)) and end - start > 2 else 1


def _says_street(reading: Reading) -> bool:
    return any(name.level == "street" for name in reading.names.values())


def _street_end(reading: Reading, start: int, end: int) -> int:
    """Without words of a second street at its corner: Ленина угол Мира."""
    for at in range(start + 1, end):
        if reading.low(at) in ("угол", "уг"):
            return at
    return end


def _left(reading: Reading, at: int, name: Meaning) -> Extent | None:
    """The words before a type word that are its name."""
    start = at
    while start > 0 and at - start < _LONGEST - 1 and _goes_back(reading, start - 1, name):
        start -= 1
    if start == at:
        return None
    if reading.kind(start) == "number" and not (reading.low(start + 1) in NUMBERED or at - start > 1):
        numbered = _NUMBERED_TERRITORIES if name.level == "territory" else _NUMBERED_STREETS
        return (start, at) if name.type in numbered else None
    last = reading.low(at - 1)
    if name.level != "territory" and is_adjective(last):
        return _adjectives(reading, start, at), at
    return start, at


def _goes_back(reading: Reading, place: int, name: Meaning) -> bool:
    if reading.is_plain(place):
        # The word after another type word is that one's name.
        return not _follows_type(reading, place)
    if not reading.is_free(place) or place in reading.aside or reading.kind(place) != "number":
        return False
    if name.level not in ("street", "territory"):
        return False
    starts = reading.is_end(place - 1) or not reading.is_free(place - 1)
    return (starts and not reading.tokens[place + 1].low.isdigit()) or reading.low(place + 1) in NUMBERED


def _follows_type(reading: Reading, place: int) -> bool:
    return any(
        start in reading.names and reading.free[start] and start + reading.names[start].size == place
        for start in (place - 1, place - 2, place - 3)
    )


def _adjectives(reading: Reading, start: int, at: int) -> int:
    """Where the adjectives, ordinals and initials that end before ``at`` begin."""
    first = at
    while first > start and (
        is_adjective(reading.low(first - 1))
        or reading.kind(first - 1) in ("ordinal", "number")
        or reading.tokens[first - 1].dot
        or reading.low(first - 1) in ("б", "м", "бол", "мал")
    ):
        first -= 1
    # "Вторая Верхняя Красная Пресня" keeps a noun that begins the segment only when nothing else does.
    return first


# districts of a region and of a city


def _read_area(reading: Reading, at: int, name: Meaning) -> None:
    """A district: of a region, or inside a city when the city was said before it."""
    extent = _extent_of_area(reading, at, name)
    if extent is None:
        return
    field = "area"
    city = reading.parts.get("city")
    inside = city is not None and _is_inside_city(reading, at, name, extent)
    if inside or (name.type == "м.о." and reading.low(at) == "вн"):
        field = "city_district"
    if reading.has(field):
        return
    start, end = extent
    if reading.low(start) in ("город", "г") and end - start > 1:
        reading.claim(start, start + 1)
        start += 1
    _put(reading, field, name, at, (start, end))


def _extent_of_area(reading: Reading, at: int, name: Meaning) -> Extent | None:
    start = at + name.size
    if start in reading.names and reading.names[start].level == "city" and (right := _right(reading, start + 1, name)):
        reading.claim(start, start + 1)
        return right
    if name.type == "г.о." and (found := gazetteer.towns().at(reading.tokens, start) if start < reading.size else None):
        return start, start + found[1]
    return _extent(reading, at, name)


def _is_inside_city(reading: Reading, at: int, name: Meaning, extent: Extent) -> bool:
    city = reading.parts["city"]
    if name.type not in ("р-н", "м.о.") or city.span is None:
        return False
    if city.span[0] > reading.tokens[at].start:
        return False
    if reading.value("region") in gazetteer.FEDERAL_CITIES or city.value in gazetteer.FEDERAL_CITIES:
        return True
    stem = city.value.lower().replace("ё", "е")[:4]
    if reading.low(extent[0]).startswith(stem):
        return False
    return not _region_after(reading, at)


def _region_after(reading: Reading, at: int) -> bool:
    region = reading.parts.get("region")
    return region is not None and region.span is not None and region.span[0] > reading.tokens[at].start


# villages


def _read_settlement(reading: Reading, at: int, name: Meaning) -> None:
    if reading.has("settlement"):
        if not _is_new_moscow(reading):
            return
        # г. Москва, п. Мосрентген, п. завода Мосрентген: the first is a поселение of New Moscow.
        reading.parts["sub_area"] = reading.parts.pop("settlement")
        said = reading.parts.pop("settlement_type")
        reading.parts["sub_area_type"] = said.__class__("поселение", said.span)
    extent = _extent(reading, at, name)
    if extent is None:
        return
    if name.type == "ст" and reading.low(extent[1] - 1).endswith("ая"):
        name = Meaning(name.level, "ст-ца", name.size, name.short)
    if len(reading.tokens[extent[0]].low) < 3 and extent[1] - extent[0] == 1 and reading.kind(extent[0]) != "number":
        return
    _put(reading, "settlement", name, at, extent)


def _is_new_moscow(reading: Reading) -> bool:
    is_moscow = "Москва" in (reading.value("city"), reading.value("region"))
    return is_moscow and reading.value("settlement_type") == "п" and not reading.has("sub_area")


# streets


def _read_street(reading: Reading, at: int, name: Meaning) -> None:
    exact = _exact_type(reading, at, name)
    if exact is not None:
        reading.claim(at, at + name.size)
        return
    if reading.has("street"):
        _second_street(reading, at, name)
        return
    extent = _extent(reading, at, name)
    if extent is None:
        return
    name = _prospect_or_drive(reading, at, name, extent)
    following = _right(reading, at + name.size, name)
    _put(reading, "street", name, at, extent)
    if extent == (at - 1, at) and reading.kind(at - 1) == "ordinal" and following is not None:
        _add_words(reading, at, following)
        extent = following
    _add_project_number(reading, max(extent[1], at + name.size))
    _pass_corner(reading, extent[1])
    if name.type == "линия":
        _claim_island(reading, max(extent[1], at + name.size))


def _pass_corner(reading: Reading, at: int) -> None:
    """Кирова/Нахимова 18, Ленина угол Мира 5: the number of a corner house is the first street's (rule 12)."""
    if reading.low(at) not in ("/", "угол", "уг"):
        return
    end = at + 1
    while end < min(at + 4, reading.size) and (reading.is_plain(end) or end in reading.names):
        end += 1
    if end > at + 1 and reading.kind(end) == "number":
        reading.ends["street"] = end


def _claim_island(reading: Reading, at: int) -> None:
    """5-я линия ВО: the lines lie on Vasilievsky Island."""
    size = 1 if reading.low(at) == "во" else 2 if (reading.low(at), reading.low(at + 1)) == ("в", "о") else 0
    if size and reading.is_free(at) and not reading.has("city_district"):
        reading.put("city_district", "В.О.", at, at + size, 0.8)


def _add_words(reading: Reading, at: int, following: Extent) -> None:
    """3-й проезд Шевченко: the name stands on both sides of its type."""
    start, end = following
    value = f"{reading.tokens[at - 1].text} {clean_name(reading, start, end)}"
    reading.put("street", value, start, end)
    reading.parts["street"] = reading.parts["street"].__class__(value, reading.span(at - 1, end))


def _add_project_number(reading: Reading, at: int) -> None:
    """Проектируемый проезд № 4062: streets yet without a name have a number."""
    number = at + 1 if reading.low(at) in ("№", "n") else at
    street = reading.parts["street"]
    if street.value.lower().startswith("проектируем") and reading.kind(number) == "number" and reading.is_free(number):
        reading.claim(at, number + 1)
        start = street.span[0] if street.span else reading.tokens[number].start
        reading.parts["street"] = street.__class__(
            f"{street.value} № {reading.low(number)}", (start, reading.tokens[number].end)
        )
        reading.ends["street"] = number + 1


def _exact_type(reading: Reading, at: int, name: Meaning) -> int | None:
    """Where the more exact type stands that a general ``ул`` gives way to, in the same segment."""
    if name.type != "ул":
        return None
    place = at + name.size
    for place in range(at + name.size, min(at + name.size + 5, reading.size)):
        if reading.is_end(place) or reading.kind(place) == "number":
            return None
        other = reading.names.get(place)
        if other is None:
            continue
        if (
            other.level != "street"
            or other.type in ("ул", "городок")
            or _is_name_itself(reading, at + name.size, place, name)
        ):
            return None
        return place
    return None


def _second_street(reading: Reading, at: int, name: Meaning) -> None:
    """A street after a highway: the highway's name is left to the remark, its kilometre stays (rule 9)."""
    if reading.value("street_type") not in ("ш", "а/д", "тракт") or not _km_between(reading, at):
        return
    extent = _extent(reading, at, name)
    if extent is None:
        return
    _free(reading, "street")
    _put(reading, "street", name, at, extent)


def _km_between(reading: Reading, at: int) -> bool:
    return any(unit.level == "km" for place, unit in reading.units.items() if place < at + 3)


def leave_highway(reading: Reading) -> None:
    """A highway with a kilometre that a village follows only tells the way (rule 9): its name is a remark."""
    street, settlement = reading.parts.get("street"), reading.parts.get("settlement")
    if street is None or settlement is None or not reading.has("km"):
        return
    if reading.value("street_type") in ("ш", "а/д", "тракт") and (street.span or (0, 0)) < (settlement.span or (0, 0)):
        _free(reading, "street")


def _free(reading: Reading, field: str) -> None:
    """Give the words of a field back, to be a remark."""
    for part in (reading.parts.pop(field, None), reading.parts.pop(f"{field}_type", None)):
        if part is not None and part.span is not None:
            start, end = part.span
            for place, token in enumerate(reading.tokens):
                if start <= token.start < end:
                    reading.free[place] = True
                    reading.aside.add(place)


def _prospect_or_drive(reading: Reading, at: int, name: Meaning, extent: Extent) -> Meaning:
    """``пр.`` is a prospect, but of numbered ones only drives are known: 1-й Сторожевой пр."""
    if reading.low(at) != "пр" or name.type != "пр-кт":
        return name
    first = reading.tokens[extent[0]]
    numbered = (
        first.kind in ("ordinal", "number") and reading.low(extent[0] + 1) not in NUMBERED and extent[1] - extent[0] > 1
    )
    if (numbered and not first.low.endswith(("лет", "летия"))) or first.low.startswith("проектируем"):
        return Meaning(name.level, "проезд", name.size, name.short)
    return name


# land of dachas, garages, quarters


def _read_territory(reading: Reading, at: int, name: Meaning) -> None:
    if name.type == _GENERAL["territory"]:
        following = reading.names.get(at + name.size)
        if following is not None and following.level == "territory":
            reading.claim(at, at + name.size)
            return
    if reading.has("territory"):
        return
    extent = _quoted(reading, at + name.size) or _extent(reading, at, name)
    if extent is None:
        return
    _put(reading, "territory", name, at, extent)


def _quoted(reading: Reading, start: int) -> Extent | None:
    """A name in quotation marks, whatever words it has."""
    if not (reading.is_free(start) and reading.tokens[start].opens):
        return None
    for end in range(start, min(start + _LONGEST, reading.size)):
        if reading.tokens[end].closes:
            return start, end + 1
        if reading.is_end(end):
            return None
    return None


_READERS = {
    "area": _read_area,
    "settlement": _read_settlement,
    "street": _read_street,
    "territory": _read_territory,
}
