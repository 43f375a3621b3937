"""The words that say what a name or a number is: типы of GAR, their short forms and the ways they are typed.

The words are in ``tables/types.tsv``; here is what they mean where one word has two meanings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from addons.delivery.address.tokens import Token

NAME_LEVELS = frozenset(["area", "sub_area", "city", "settlement", "territory", "street", "metro"])
"""Levels whose values are names."""
UNIT_LEVELS = frozenset(
    [
        "house",
        "block",
        "structure",
        "letter",
        "stead",
        "entrance",
        "floor",
        "flat",
        "room",
        "intercom",
        "km",
        "postal_box",
    ],
)
"""Levels whose values are numbers."""

# A number may stand before these: 2 подъезд, 4 этаж, 78 км.
BEFORE_TOO = frozenset(("entrance", "floor", "km"))

# Where one word is of two unit levels, or of two name levels, the first one in the table is meant; what is left are
# words that introduce a number or a name: "д 5" is a house and "д Ольховка" a village.
_ROMAN = frozenset(
    [
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "vi",
        "vii",
        "viii",
        "ix",
        "x",
        "xi",
        "xii",
        "xiii",
        "xiv",
        "xv",
        "xvi",
        "xvii",
        "xviii",
        "xix",
        "xx",
        "х",
    ]
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a type word says.

    :ivar level: the field its name or number goes to; ``type``: the value of that field's type.
    :ivar size: how many tokens the word takes.
    :ivar short: whether it is so short that it needs a value to be believed.
    """

    level: str
    type: str
    size: int
    short: bool


_Forms = dict[str, list[tuple[tuple[str, ...], Meaning]]]


def table(name: str) -> list[list[str]]:
    """The rows of a table of this package, without its heading."""
    text = files(__package__).joinpath("tables", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


@cache
def _forms(levels: frozenset[str]) -> _Forms:
    found: _Forms = {}
    for level, kind, forms in table("types.tsv"):
        if level in levels:
            for form in forms.split("|"):
                words = tuple(form.lower().replace("ё", "е").split())
                short = max(map(len, words)) <= 2 and level != "city"
                found.setdefault(words[0], []).append((words, Meaning(level, kind, len(words), short)))
    for meanings in found.values():
        meanings.sort(key=lambda pair: -len(pair[0]))
    return found


REGION_TYPES = frozenset(("region",))


def meaning(tokens: Sequence[Token], at: int, levels: frozenset[str]) -> Meaning | None:
    """The type word of one of the levels that begins at a token, the longest one."""
    for words, found in _forms(levels).get(tokens[at].low, ()):
        if found.size == 1 or _continues(tokens, at, words):
            return found
    return None


def _continues(tokens: Sequence[Token], at: int, words: tuple[str, ...]) -> bool:
    """Whether the further words of a type follow; one-letter words only with full stops (р.п., not р п)."""
    if at + len(words) > len(tokens):
        return False
    for step, word in enumerate(words):
        token = tokens[at + step]
        if token.low != word or (step + 1 < len(words) and len(word) == 1 and not token.dot):
            return False
    return True


def is_roman(word: str) -> bool:
    """Whether a word in lower case is a Roman numeral as rooms and premises have it."""
    return word in _ROMAN


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that begin a remark to the courier; what follows them up to a comma belongs to it.
REMARKS = _set(
    "тел телефон моб сот звонить звоните позвонить позвоните созвон созвониться набрать набирать наберите предварительно "
    "доставка доставить привезти везти вход вход-во въезд заезд заезжать заехать подъезжать подъехать проход вывеска "
    "за рядом напротив возле около от до через после перед между налево направо прямо слева справа внутри сзади позади "
    "шлагбаум шлагбаума охрана охраны охране охраннику пропуск пропуска проходная кпп лифт лифта спросить ориентир "
    "с со во на не нет без под над из к по у при в для если когда можно просьба просит клиент клиента получатель "
    "оставить консьерж консьержа консьержу консьержка ворота калитка калитки забор дворе двора двор арка арку арки торца "
    "здание здания остановка ост парковка стоянка только будет работает есть внимание срочно этажа "
    "поворот повернуть съезд сначала потом затем ресепшн ресепшен вахта вахте администратор менеджер "
    "строго желательно утром вечером днем завтра сегодня ключ "
    "мин минут минуты часов часа пешком метрах метров"
)
# Places by which people tell the way: ТЦ Мега, школа 5. They begin a remark as well.
LANDMARKS = _set(
    "тц трц бц тк трк тдк дц оц цум гум тд мтц ооо оао пао зао ао ип бизнес-центр бизнесцентр бизнес торговый "
    "торгово-развлекательный деловой офисный технопарк бизнес-парк рынок азс агзс заправка школа школы школой школе "
    "больница поликлиника кафе ресторан бар гостиница отель хостел аптека аптеки салон автосалон автосервис завод "
    "вокзал вокзала автовокзал шиномонтаж автомойка мойка церковь храм детсад садик университет институт "
    "колледж лицей гимназия банк сбербанк почта отделение мфц дк стадион спорткомплекс фок парк-отель кинотеатр "
    "супермаркет гипермаркет универмаг универсам универмаге магнит пятерочка пятерочки пятерочке пятерочкой дикси лента ашан "
    "метро-кэш икеа мега леруа вайлдберриз wildberries озон ozon пвз cdek сдэк боксберри б/ц т/ц т/к ж/д п/о "
    "общежитие общ дилер дилерский автоцентр логопарк "
)
# Words that introduce an address and belong to nothing.
INTRODUCTIONS = _set(
    "адрес адр юр факт фактический юридический почтовый ну это по так вот записывайте куда нужно надо пишите"
)
# A number before these is part of a name: 10 лет Октября, 9 Мая, 1905 года, 26 Бакинских Комиссаров.
NUMBERED = _set(
    "лет летия летие года мая марта января февраля апреля июня июля августа сентября октября ноября декабря съезда партсъезда "
    "интернационала бакинских героев гвардейцев панфиловцев пятилетки пятилетка дивизии армии стрелковой гвардейской "
    "гвардейская танковой воздушной комиссаров борцов красногвардейцев красногвардейская километра ударной резервного "
    "северо-донецкой коммунаров партизан-северян тысячного"
)


# Floors and entrances said in words.
ORDINALS = {
    word: str(number)
    for number, words in enumerate(
        ("первый первом", "второй втором", "третий третьем", "четвертый четвертом", "пятый пятом", "шестой шестом",
         "седьмой седьмом", "восьмой восьмом", "девятый девятом", "десятый десятом"), 1
    )
    for word in words.split()
}  # fmt: skip


def is_adjective(word: str) -> bool:
    """Whether a word in lower case looks like an adjective: Ленинский, Верхняя, Новое, Большие."""
    return word.endswith(("ий", "ый", "ой", "ая", "яя", "ое", "ее", "ые", "ие")) and len(word) > 3


_ENDINGS = {
    "ул": ("ая", "яя"), "наб": ("ая", "яя"), "пл": ("ая", "яя"), "аллея": ("ая", "яя"), "линия": ("ая", "яя"),
    "дорога": ("ая", "яя"), "дорожка": ("ая", "яя"), "магистраль": ("ая", "яя"), "ш": ("ое", "ее"),
    "кольцо": ("ое", "ее"), "а/д": ("ая", "яя"),
}  # fmt: skip
_MASCULINE = ("ий", "ый", "ой")


def agrees(word: str, street_type: str) -> bool:
    """Whether an adjective agrees with a type of street, so that it stands before it: Ленинский проспект."""
    return len(word) > 3 and word.endswith(_ENDINGS.get(street_type, _MASCULINE))
