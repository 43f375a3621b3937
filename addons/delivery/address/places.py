"""Countries, regions, towns, parts of towns and metro stations: what is known by name."""

from __future__ import annotations

from addons.delivery.address import gazetteer, vocabulary
from addons.delivery.address.gazetteer import FEDERAL_CITIES, Town
from addons.delivery.address.reading import Reading
from addons.delivery.address.vocabulary import REGION_TYPES

_FEDERATION = frozenset(["россия", "рф", "россии", "russia"])
_SECOND_NAMES = frozenset(["югра", "кузбасс", "чувашия", "алания", "якутия"])


def read_country(reading: Reading) -> None:
    """A country that the text names; republics of the federation are not countries."""
    for at in range(reading.size):
        if reading.free[at] and (found := gazetteer.countries().at(reading.tokens, at)):
            country, size = found
            if country != "Россия" and not (reading.is_end(at - 1) and reading.is_end(at + size)):
                continue
            # "ул. Героя России": a word of a name, not a country.
            if (reading.low(at) == "рк" and at > 0) or (reading.is_plain(at - 1) and not reading.is_end(at + size)):
                continue
            reading.put("country", country, at, at + size)
            return


def read_region(reading: Reading) -> None:
    """A subject of the federation, by name and type in either order, or by the short name people use."""
    for at in range(reading.size):
        if reading.free[at] and (_named_with_type(reading, at) or _nickname(reading, at)):
            return
    for at in range(reading.size):
        if reading.free[at] and _adjective_alone(reading, at):
            return


def _named_with_type(reading: Reading, at: int) -> bool:
    found = gazetteer.regions().at(reading.tokens, at)
    if found is None:
        return False
    region, size = found
    # Саха /Якутия/ Респ
    next_word = at + size
    while reading.low(next_word) in ("/", "(", ")") or (
        next_word > at + size and reading.low(next_word) in _SECOND_NAMES
    ):
        next_word += 1
    after = _region_type(reading, next_word)
    before = next(
        (
            start
            for start in (at - 1, at - 2)
            if start >= 0 and (kind := _region_type(reading, start)) and start + kind.size == at
        ),
        None,
    )
    if after is not None and after.type == region.type:
        start, end = at, next_word + after.size
        type_at = next_word
    elif before is not None and (kind := _region_type(reading, before)) is not None and kind.type == region.type:
        start, end = before, at + size
        type_at = before
    else:
        return False
    reading.put("region", region.name, at, at + size)
    reading.put("region_type", region.type, type_at, type_at + 1)
    reading.claim(start, end)
    _claim_second_name(reading, end)
    return True


def _region_type(reading: Reading, at: int) -> vocabulary.Meaning | None:
    return vocabulary.meaning(reading.tokens, at, REGION_TYPES) if reading.is_free(at) else None


def _claim_second_name(reading: Reading, at: int) -> None:
    """Кемеровская область - Кузбасс, Республика Саха (Якутия)."""
    while at < reading.size and reading.low(at) in ("-", "(", "/"):
        at += 1
    if reading.low(at) in _SECOND_NAMES and reading.is_free(at):
        reading.claim(at, at + 1)


def _nickname(reading: Reading, at: int) -> bool:
    found = gazetteer.region_nicknames().at(reading.tokens, at)
    if found is None:
        return False
    region, size = found
    token = reading.tokens[at]
    alone = reading.is_end(at - 1) or not reading.free[at - 1]
    ended = reading.is_end(at + size)
    words = reading.tokens[at : at + size]
    if all(len(word.low) <= 2 for word in words) and not (
        alone and (ended or token.text.isupper() or not any(reading.free[:at]))
    ):
        return False
    if _street_word_near(reading, at, at + size) or not alone:
        return False
    if reading.kind(at + size) == "number":
        return False
    reading.put("region", region.name, at, at + size)
    reading.parts["region_type"] = reading.parts["region"].__class__(region.type, reading.span(at, at + size))
    _claim_second_name(reading, at + size)
    return True


def _adjective_alone(reading: Reading, at: int) -> bool:
    """Московская, Подольск, г: an adjective that is a whole segment, with a town after it."""
    found = gazetteer.regions().at(reading.tokens, at)
    if found is None or not (reading.is_end(at - 1) and reading.low(at + found[1]) == ","):
        return False
    after = at + found[1] + 1
    if after >= reading.size or not (gazetteer.towns().at(reading.tokens, after) or after in reading.names):
        return False
    if (name := reading.names.get(after)) is not None and name.level not in ("city", "area", "settlement"):
        return False
    if after not in reading.names and not reading.is_end(after + 1) and after + 1 not in reading.names:
        return False
    reading.put("region", found[0].name, at, at + found[1], 0.8)
    reading.parts["region_type"] = reading.parts["region"].__class__(found[0].type, None, 0.8)
    return True


def _street_word_near(reading: Reading, start: int, end: int) -> bool:
    """Whether a type of street or territory stands right before or right after these tokens."""
    before = next(
        (
            reading.names[at]
            for at in (start - 1, start - 2, start - 3)
            if at in reading.names and at + reading.names[at].size == start
        ),
        None,
    )
    after = reading.names.get(end)
    streets = ("street", "territory", "settlement", "area", "sub_area", "metro")
    if before is not None and before.level in streets:
        return True
    if after is None or after.level not in ("street", "area", "sub_area"):
        return False
    # "Москва ул Трофимова": the type word has a name of its own.
    own = end + after.size
    numbered = reading.kind(own) == "ordinal" or (reading.kind(own) == "number" and reading.is_plain(own + 1))
    return not (reading.is_plain(own) or (after.level == "street" and numbered))


def read_okrug(reading: Reading) -> None:
    """An administrative okrug of Moscow."""
    for at, token in enumerate(reading.tokens):
        if (
            token.low in gazetteer.OKRUGS
            and reading.free[at]
            and not reading.tokens[at].closes
            and (token.low != "зао" or _is_okrug(reading, at))
        ):
            end = at + 1 + (reading.low(at + 1) in ("округ", "г"))
            reading.put("city_area", token.text.upper(), at, at + 1)
            if reading.low(at + 1) == "округ":
                reading.claim(at, end)
            return


def _is_okrug(reading: Reading, at: int) -> bool:
    """ЗАО is also a form of company: then its name follows."""
    return reading.is_end(at + 1) and reading.is_end(at - 1)


def read_metro(reading: Reading) -> None:
    """A metro station after its word; by the list of stations, or up to the next comma."""
    for at, name in list(reading.names.items()):
        if name.level != "metro" or not reading.free[at]:
            continue
        start = at + name.size
        while reading.low(start) in (":", "-"):
            start += 1
        if start >= reading.size or not reading.free[start]:
            continue
        found = gazetteer.stations().at(reading.tokens, start)
        if found:
            value, end = found[0], start + found[1]
        else:
            end = start
            while end < min(start + 3, reading.size) and reading.is_plain(end):
                end += 1
            if end == start or not (reading.is_end(end) or end in reading.names):
                continue
            value = clean_name(reading, start, end)
        reading.put("metro", value, start, end, 1.0 if found else 0.6)
        reading.claim(at, end)
        return


def read_towns(reading: Reading) -> None:
    """Towns known by name, with or without the word for a town beside them."""
    at = 0
    while at < reading.size:
        at += _read_town(reading, at) if reading.free[at] and at not in reading.aside else 1


def _read_town(reading: Reading, at: int) -> int:
    """Read the town that begins here, if one does; how many tokens to go on by."""
    found = gazetteer.towns().at(reading.tokens, at)
    if found is None:
        return 1
    town, size = found
    end = at + size
    marked = _town_word(reading, at, end)
    if marked is None and not _is_bare_town(reading, at, end, town):
        return 1
    if (not town.is_town and marked is None) or _is_area(reading, at):
        return 1
    if reading.has("city") and not _replaces(reading, town):
        return size
    confidence = 1.0 if marked is not None else 0.9
    if reading.value("city") in FEDERAL_CITIES:
        _city_becomes_region(reading)
    elif town.name in FEDERAL_CITIES and reading.has("city"):
        _put_federal_region(reading, town, at, end, marked)
        return size
    reading.put("city", town.name, at, end, confidence)
    if marked is not None:
        reading.put("city_type", "г", marked, marked + 1)
        # "Подольск, г, Тепличная": the word for a town, set apart by commas.
    return size


_URBAN = frozenset(("г.о.", "м.о.", "г.п."))


def _is_area(reading: Reading, at: int) -> bool:
    """Whether the town is named as an urban district: городской округ (город) Брянск."""
    place = at - 1 if reading.low(at - 1) in ("город", "г") else at
    return any(
        (name := reading.names.get(start)) is not None and name.type in _URBAN and start + name.size == place
        for start in range(max(0, place - 4), place)
    )


def _town_word(reading: Reading, at: int, end: int) -> int | None:
    """Where the word for a town stands beside these tokens."""
    before = reading.names.get(at - 1)
    if before is not None and before.level == "city" and reading.is_free(at - 1):
        return at - 1
    for after in (end, end + 1):
        name = reading.names.get(after)
        if name is not None and name.level == "city" and reading.is_free(after):
            if after == end and (
                reading.is_end(end + 1)
                or not reading.is_plain(end + 1)
                or gazetteer.towns().at(reading.tokens, end + 1) is None
            ):
                return after
            if reading.low(end) == "," and reading.is_end(after + 1):
                return after
        if reading.low(end) != ",":
            break
    return None


# A town called by an adjective is believed without its word from this size on: Долгопрудный, Волжский.
_LARGE_NAMESAKE = 50_000
# After a house, at the end of the text: ул Ленина 5 Видное.
_KNOWN_TOWN = 20_000
# After a number, smaller towns' names are rather streets'.
_LARGEST_STREET_NAME = 100_000


def _is_bare_town(reading: Reading, at: int, end: int, town: Town) -> bool:
    """Whether a town's name without a word for it is meant as a town here, not as a part of a street's or other name."""
    if _street_word_near(reading, at, end) or end - 1 in reading.units:
        return False
    if (
        at > 0
        and reading.kind(at - 1) in ("number", "ordinal")
        and reading.is_free(at - 1)
        and not reading.has("city")
        and town.people < _LARGEST_STREET_NAME
        and not (end == reading.size and town.people >= _KNOWN_TOWN)
    ):
        return False
    if reading.low(at - 1) in vocabulary.LANDMARKS or reading.low(at - 1) in vocabulary.REMARKS - {"в", "из"}:
        return False
    if reading.tokens[at].opens or at in reading.quoted or reading.low(at - 1) == "-":
        return False
    if end - at == 1 and (at in reading.units or at in reading.names):
        return False
    lone = end - at == 1 and vocabulary.is_adjective(reading.tokens[at].low)
    if lone or town.people < 30_000:
        # Октябрьский, Мирный, Бор: also names of streets and villages; a town only where it is said first or alone.
        first = not any(reading.free[before] for before in range(at))
        segment = reading.is_end(end) and reading.is_end(at - 1)
        if reading.has("city"):
            return _replaces(reading, town) and (reading.is_end(at - 1) or not reading.free[at - 1])
        large = not lone or town.people >= _LARGE_NAMESAKE
        if end == reading.size and reading.kind(at - 1) == "number":
            return town.people >= _KNOWN_TOWN
        within = (
            first
            or reading.has("region")
            or any(reading.names[before].level == "area" for before in reading.names if before < at)
        )
        return (segment and within) or (first and large and reading.is_plain(end))
    return not reading.has("city") or reading.is_end(at - 1) or (_replaces(reading, town) and not reading.free[at - 1])


def _replaces(reading: Reading, town: Town) -> bool:
    """Whether a second town tells more than the first: г. Москва, г. Зеленоград."""
    first = reading.value("city")
    if first == town.name:
        return False
    return (first in FEDERAL_CITIES and town.federal == first) or town.name in FEDERAL_CITIES


def _city_becomes_region(reading: Reading) -> None:
    reading.parts["region"] = reading.parts.pop("city")
    reading.parts.pop("city_type", None)
    part = reading.parts["region"]
    reading.parts["region_type"] = part.__class__("г", part.span)


def _put_federal_region(reading: Reading, town: Town, at: int, end: int, marked: int | None) -> None:
    reading.put("region", town.name, at, end)
    reading.parts["region_type"] = reading.parts["region"].__class__("г", reading.span(at, end))
    if marked is not None:
        reading.claim(marked, marked + 1)


def read_districts(reading: Reading) -> None:
    """A part of the town by its bare name: Сочи, Адлер."""
    for at in range(reading.size):
        if not reading.is_free(at) or not (found := gazetteer.districts().at(reading.tokens, at)):
            continue
        (town, part), size = found
        if town != reading.value("city") or _street_word_near(reading, at, at + size):
            continue
        if not (
            reading.is_end(at + size) or at + size in reading.names or reading.kind(at + size) in ("ordinal", "number")
        ):
            continue
        reading.put("city_district", part, at, at + size, 0.8)
        return


def clean_name(reading: Reading, start: int, end: int) -> str:
    """The words of a name with one space between them, without quotation marks, with capitals."""
    words: list[str] = []
    for at in range(start, end):
        token = reading.tokens[at]
        text = token.text
        if token.dot and token.kind == "word" and len(text) <= 4 and at < end - 1:
            text += "."
        if (
            text.islower()
            and (at == start or reading.tokens[at - 1].kind != "number" or token.gap)
            and token.kind == "word"
            and text not in _SMALL
        ):
            text = text[:1].upper() + text[1:]
        before = reading.tokens[at - 1]
        glued = at > start and (
            token.low in "-/"
            or before.low in "-/"
            or (before.kind == "number" and not token.gap and len(token.low) == 1)
        )
        words.append(text if glued or not words else " " + text)
    return "".join(words)


_SMALL = frozenset(
    [
        "лет",
        "года",
        "летия",
        "им",
        "имени",
        "и",
        "на",
        "в",
        "съезда",
        "мая",
        "марта",
        "января",
        "октября",
        "ноября",
        "декабря",
    ]
)
