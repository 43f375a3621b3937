"""What is known of the country: its regions, towns, metro stations and how people call them for short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from addons.delivery.address.tokens import Token
from addons.delivery.address.vocabulary import table

FEDERAL_CITIES = frozenset(("Москва", "Санкт-Петербург", "Севастополь"))

# Short names of towns and old ones still said. Not "екат", "новосиб" alone: prefixes are completed by nobody else.
_TOWN_NICKNAMES = {
    "мск": "Москва", "масква": "Москва", "г.м": "Москва", "спб": "Санкт-Петербург", "питер": "Санкт-Петербург", "с-пб": "Санкт-Петербург",
    "с-петербург": "Санкт-Петербург", "санкт петербург": "Санкт-Петербург", "с петербург": "Санкт-Петербург",
    "петербург": "Санкт-Петербург", "ст-петербург": "Санкт-Петербург", "санкт-петербурга": "Санкт-Петербург",
    "с пб": "Санкт-Петербург", "с пт": "Санкт-Петербург",
    "москве": "Москва", "москвы": "Москва", "питере": "Санкт-Петербург",
    "екб": "Екатеринбург", "екат": "Екатеринбург", "ебург": "Екатеринбург", "е-бург": "Екатеринбург", "екатеринбурге": "Екатеринбург",
    "нск": "Новосибирск", "новосиб": "Новосибирск", "н новгород": "Нижний Новгород", "нижний": "Нижний Новгород",
    "нижний новгород": "Нижний Новгород", "ниж новгород": "Нижний Новгород", "нн": "Нижний Новгород", "нижн новгород": "Нижний Новгород",
    "в новгород": "Великий Новгород", "вел новгород": "Великий Новгород", "новгород": "Великий Новгород",
    **dict.fromkeys(("ростовн/д", "ростов-н/д", "ростовнд", "ростов-нд"), "Ростов-на-Дону"),
    "ростов на дону": "Ростов-на-Дону", "ростов-на дону": "Ростов-на-Дону", "рнд": "Ростов-на-Дону", "ростов н д": "Ростов-на-Дону",
    "ростов-н-д": "Ростов-на-Дону", "ростов-дон": "Ростов-на-Дону", "ростов на-дону": "Ростов-на-Дону",
    "н челны": "Набережные Челны", "наб челны": "Набережные Челны", "челны": "Набережные Челны", "набчелны": "Набережные Челны",
    "н тагил": "Нижний Тагил", "ниж тагил": "Нижний Тагил", "тагил": "Нижний Тагил",
    "комсомольск на амуре": "Комсомольск-на-Амуре", "комсомольск-на амуре": "Комсомольск-на-Амуре", "кнаамуре": "Комсомольск-на-Амуре",
    "славянск на кубани": "Славянск-на-Кубани", "николаевск на амуре": "Николаевск-на-Амуре",
    "йошкар ола": "Йошкар-Ола", "улан удэ": "Улан-Удэ", "орехово зуево": "Орехово-Зуево", "наро фоминск": "Наро-Фоминск",
    "ханты мансийск": "Ханты-Мансийск", "южно сахалинск": "Южно-Сахалинск", "каменск уральский": "Каменск-Уральский",
    "петропавловск камчатский": "Петропавловск-Камчатский", "сергиев-посад": "Сергиев Посад", "с посад": "Сергиев Посад",
    "п камчатский": "Петропавловск-Камчатский", "усть илимск": "Усть-Илимск", "гусь хрустальный": "Гусь-Хрустальный",
    "ленинск кузнецкий": "Ленинск-Кузнецкий", "анжеро судженск": "Анжеро-Судженск", "горно алтайск": "Горно-Алтайск",
    "мин воды": "Минеральные Воды", "минводы": "Минеральные Воды", "влад": "Владивосток", "владик": "Владивосток",
    "челяба": "Челябинск", "чел": "Челябинск", "челяб": "Челябинск", "красноярск": "Красноярск", "крск": "Красноярск",
    "нвкз": "Новокузнецк", "новокуз": "Новокузнецк", "хаб": "Хабаровск", "тлт": "Тольятти", "тольяти": "Тольятти",
    "крд": "Краснодар", "краснодаре": "Краснодар", "волгогр": "Волгоград", "каз": "Казань", "казани": "Казань", "казан": "Казань",
    "самаре": "Самара", "уфе": "Уфа", "перми": "Пермь", "прм": "Пермь", "врн": "Воронеж", "смр": "Самара", "новоросс": "Новороссийск",
    "новорос": "Новороссийск", "магнитка": "Магнитогорск", "люберци": "Люберцы", "мытищи": "Мытищи", "химки": "Химки",
    "балашиха": "Балашиха", "зел": "Зеленоград", "зеленоград": "Зеленоград", "оренб": "Оренбург", "петрозав": "Петрозаводск",
    "калининград": "Калининград", "кениг": "Калининград", "клд": "Калининград", "ставроп": "Ставрополь", "ярик": "Ярославль",
    "яросл": "Ярославль", "владим": "Владимир", "королев": "Королёв", "петергоф": "Петергоф", "сочи": "Сочи", "подольске": "Подольск",
    "в волочек": "Вышний Волочёк", "вышний волочек": "Вышний Волочёк", "вел луки": "Великие Луки", "в луки": "Великие Луки",
    "кам-уральский": "Каменск-Уральский", "к-уральский": "Каменск-Уральский", "старый оскол": "Старый Оскол", "ст оскол": "Старый Оскол",
    "в пышма": "Верхняя Пышма", "верх пышма": "Верхняя Пышма", "павл посад": "Павловский Посад", "п посад": "Павловский Посад",
}  # fmt: skip

# Towns of other countries that cars are sold to.
_FOREIGN_TOWNS = [
    "Минск",
    "Гомель",
    "Витебск",
    "Могилёв",
    "Гродно",
    "Брест",
    "Бобруйск",
    "Барановичи",
    "Алматы",
    "Алма-Ата",
    "Астана",
    "Нур-Султан",
    "Караганда",
    "Актобе",
    "Шымкент",
    "Павлодар",
    "Усть-Каменогорск",
    "Семей",
    "Костанай",
    "Петропавловск",
    "Уральск",
    "Атырау",
    "Актау",
    "Кокшетау",
    "Бишкек",
    "Ош",
    "Ташкент",
    "Самарканд",
    "Ереван",
    "Тбилиси",
    "Баку",
    "Душанбе",
    "Кишинёв",
    "Тирасполь",
    "Сухум",
    "Цхинвал",
    "Киев",
    "Харьков",
    "Одесса",
    "Днепр",
    "Рига",
    "Вильнюс",
    "Таллин",
    "Донецк",
    "Луганск",
    "Мариуполь",
    "Макеевка",
    "Мелитополь",
    "Горловка",
    "Бердянск",
    "Енакиево",
]

COUNTRIES = {
    "россия": "Россия", "рф": "Россия", "российская федерация": "Россия", "р ф": "Россия", "россии": "Россия", "russia": "Россия",
    "российской федерации": "Россия",
    "казахстан": "Казахстан", "республика казахстан": "Казахстан", "рк": "Казахстан",
    "беларусь": "Беларусь", "белоруссия": "Беларусь", "республика беларусь": "Беларусь",
    "украина": "Украина", "узбекистан": "Узбекистан", "республика узбекистан": "Узбекистан", "киргизия": "Киргизия", "кыргызстан": "Кыргызстан",
    "армения": "Армения", "республика армения": "Армения", "грузия": "Грузия", "азербайджан": "Азербайджан", "таджикистан": "Таджикистан",
    "туркменистан": "Туркменистан", "молдова": "Молдова", "молдавия": "Молдавия", "абхазия": "Абхазия", "республика абхазия": "Абхазия",
    "латвия": "Латвия", "литва": "Литва", "эстония": "Эстония", "германия": "Германия", "китай": "Китай", "монголия": "Монголия",
}  # fmt: skip

OKRUGS = frozenset(["цао", "сао", "свао", "вао", "ювао", "юао", "юзао", "зао", "сзао", "зелао", "тинао", "тао"])

# Parts of a town called by a bare name; the town is asked for, as the names are also villages' and streets'.
DISTRICTS = {
    "Сочи": ["Адлер", "Хоста", "Лазаревское", "Дагомыс", "Мацеста", "Кудепста", "Лоо"],
    "Санкт-Петербург": ["Васильевский остров", "В.О", "ВО", "П.С", "Петроградская сторона", "Купчино", "Шушары", "Парголово", "Металлострой"],
    "Норильск": ["Талнах", "Кайеркан"],
    "Екатеринбург": ["Уралмаш", "Химмаш", "Эльмаш", "Пионерский", "Ботанический", "Академический"],
    "Новосибирск": ["Академгородок"],
    "Нижний Новгород": ["Автозавод", "Сормово"],
    "Балашиха": ["Салтыковка", "Кучино"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Town:
    """A town or a large village.

    :ivar region: its region, where the name is of one region only or of one far larger than the others.
    :ivar federal: the federal city that has a town of this name (Троицк is also one of Moscow's).
    :ivar is_certain: whether the region follows from the name beyond doubt.
    :ivar is_town: whether it is a town by law (``г``), not a village or settlement.
    """

    name: str
    region: str
    is_certain: bool
    is_town: bool
    people: int = 0
    federal: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A subject of the federation: ``Московская``, ``обл``."""

    name: str
    type: str


Value = TypeVar("Value")


def key(name: str) -> tuple[str, ...]:
    """A name as its words for comparison."""
    return tuple(name.lower().replace("ё", "е").replace(".", " ").split())


class Names(Generic[Value]):
    """Names of one or more words that are looked up at a place of a text, the longest first."""

    def __init__(self, entries: Mapping[tuple[str, ...], Value]) -> None:
        self._entries = entries
        self._longest: dict[str, int] = {}
        for words in entries:
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def at(self, tokens: Sequence[Token], at: int) -> tuple[Value, int] | None:
        """The value of the longest name that begins at a token, and how many tokens it takes."""
        longest = self._longest.get(tokens[at].low)
        if longest is None:
            return None
        words = tuple(token.low for token in tokens[at : at + longest])
        for size in range(len(words), 0, -1):
            found = self._entries.get(words[:size])
            if found is not None:
                return found, size
        return None

    def get(self, name: str) -> Value | None:
        """The value of a name."""
        return self._entries.get(key(name))


@cache
def regions() -> Names[Region]:
    """Regions by their name without the type word, in the nominative and the genitive."""
    found: dict[tuple[str, ...], Region] = {}
    for name, kind, _ in table("regions.tsv"):
        if name not in FEDERAL_CITIES:
            region = Region(name, kind)
            for form in (name, *_genitives(name)):
                found[key(form)] = region
    return Names(found)


def _genitives(name: str) -> list[str]:
    if name.endswith("ая"):
        return [name[:-2] + "ой"]
    if name.endswith(("кий", "ный")):
        return [name[:-2] + "ого"]
    return [name[:-1] + "и"] if name.endswith("ия") else [name + "а"] if name[-1] in "нм" else []


@cache
def region_nicknames() -> Names[Region]:
    """Regions by the short names that need no type word: МО, ХМАО, Якутия, Подмосковье."""
    found: dict[tuple[str, ...], Region] = {}
    for name, kind, short in table("regions.tsv"):
        for nick in filter(None, short.split("|")):
            found[key(nick)] = Region(name, kind)
        if kind == "респ":
            found[key(name)] = Region(name, kind)
    return Names(found)


@cache
def region_type(name: str) -> str | None:
    """The type of the region of this name, if there is one."""
    return next((kind for region, kind, _ in table("regions.tsv") if key(region) == key(name)), None)


# A region follows from a town's name when no namesake has a tenth of its people.
_FAR_LARGER = 10
# Below this, a namesake too small to be in the table is likely.
_CERTAIN_PEOPLE = 50_000


@cache
def towns() -> Names[Town]:
    """Towns by name and by nickname."""
    namesakes: dict[tuple[str, ...], list[tuple[str, str, int, bool]]] = {}
    for name, region, number, kind in table("towns.tsv"):
        namesakes.setdefault(key(name), []).append((name, region, int(number), kind == "г"))
    found: dict[tuple[str, ...], Town] = {}
    for words, places in namesakes.items():
        name, region, people, _ = max(places, key=lambda place: (place[3], place[2]))
        others = max((place[2] for place in places if place[1] != region), default=0)
        federal = next((place[1] for place in places if place[1] in FEDERAL_CITIES and place[0] != place[1]), "")
        certain = people >= _CERTAIN_PEOPLE and others * _FAR_LARGER <= people
        found[words] = Town(name, region, certain, any(place[3] for place in places), people, federal)
    for nick, name in _TOWN_NICKNAMES.items():
        found[key(nick)] = found[key(name)]
    for name in _FOREIGN_TOWNS:
        found.setdefault(key(name), Town(name, "", False, True))
    return Names(found)


@cache
def stations() -> Names[str]:
    """Metro stations by name."""
    return Names({key(station): station for _, station in table("metro.tsv")})


@cache
def cities_of_station(station: str) -> tuple[str, ...]:
    """The cities that have a metro station of this name."""
    return tuple(city for city, name in table("metro.tsv") if key(name) == key(station))


@cache
def countries() -> Names[str]:
    """Countries by name."""
    return Names({key(name): country for name, country in COUNTRIES.items()})


@cache
def districts() -> Names[tuple[str, str]]:
    """Parts of towns by name: the town and the part."""
    return Names({key(part): (town, part) for town, parts in DISTRICTS.items() for part in parts})
