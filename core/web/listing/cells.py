"""How each kind of value is shown in a list and on a card: all values of a page at once.

A formatter gets a column's values for the whole page and gives texts (escaped by the template) or ``Markup``
made of constants; nothing is called per cell by the template.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from babel import Locale
from markupsafe import Markup

from core.text.phones import format_phone
from core.text.plates import format_plate
from core.web.i18n import T
from core.web.templates import timer

if TYPE_CHECKING:
    from core.web.listing.viewer import Viewer
    from core.web.screens import Choice

Icon = Callable[..., Markup]
Formatter = Callable[[Sequence[Any], "Formats", Sequence["Choice"]], Sequence[Any]]

_PILL = Markup('<span class="pill {}">{}</span>')
_SMALL_PILL = Markup('<span class="pill s {}">{}</span>')
_CHANNEL = Markup('<span class="chn {}">{}</span>')
_DASH = Markup('<span class="muted">—</span>')
_LINK = Markup('<a href="{}" rel="noopener noreferrer">{}</a>')
_SCHEMES = ("http://", "https://", "mailto:", "tel:")


class Formats:
    """The reader's way of writing values; one for a page.

    :param kept: what was drawn for earlier pages of the same screen and is the same for every reader of a language.
    """

    def __init__(self, viewer: Viewer, icon: Icon, kept: dict[Any, Any] | None = None) -> None:
        self.viewer = viewer
        self.translate = viewer.translate
        self.icon = icon
        self.zone = viewer.zone
        self._kept = {} if kept is None else kept
        self._days: dict[int, str] = {}

    @cached_property
    def today(self) -> date:
        """The day it is where the reader is."""
        return self.viewer.today

    @cached_property
    def _months(self) -> tuple[str, ...]:
        return _month_names(self.translate.language)

    def day(self, value: date) -> str:
        """A day in words, as :meth:`core.web.i18n.Translator.day` writes it."""
        text = f"{value.day} {self._months[value.month]}"
        return text if value.year == self.today.year else f"{text} {value.year}"

    def moment(self, value: datetime) -> str:
        """A moment: the time today, else the day and the time."""
        local = value.astimezone(self.zone)
        number = local.toordinal()
        day = self._days.get(number)
        if day is None:
            day = self._days[number] = "" if local.date() == self.today else f"{self.day(local.date())}, "
        return f"{day}{local.hour:02d}:{local.minute:02d}"

    def drawn(self, kind: str, choices: Sequence[Choice], draw: Callable[[Choice, Formats], Any]) -> dict[Any, Any]:
        """How each choice of a column looks, by value; the choices are the declaration's own and live as long."""
        key = (kind, id(choices), self.translate.language)
        if key not in self._kept:
            self._kept[key] = (choices, {None: ""} | {choice.value: draw(choice, self) for choice in choices})
        looks: dict[Any, Any] = self._kept[key][1]
        return looks

    def pill(self, label: str, tone: str = "", *, small: bool = False) -> Markup:
        """A pill with a translated text."""
        return (_SMALL_PILL if small else _PILL).format(tone, self.translate(label))


@lru_cache(maxsize=8)
def _month_names(language: str) -> tuple[str, ...]:
    width = "wide" if language == "ru" else "abbreviated"
    names = Locale.parse(language).months["format"][width]
    return ("", *(str(names[number]) for number in range(1, 13)))


def _text(values: Sequence[Any], _formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    return ["" if value is None else value for value in values]


def _number(values: Sequence[Any], formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    separator, point = _signs(formats)
    return ["" if value is None else _grouped(value, separator, point) for value in values]


def _signs(formats: Formats) -> tuple[str, str]:
    """What stands between thousands, and before the fraction."""
    return ("\N{NO-BREAK SPACE}", ",") if formats.translate.language == "ru" else (",", ".")


def _grouped(value: float, separator: str, point: str) -> str:
    text = f"{value:,}"
    return text if separator == "," else text.replace(",", separator).replace(".", point)


def _money(values: Sequence[Any], formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    separator, point = _signs(formats)
    return ["" if value is None else _roubles(value, separator, point) for value in values]


def _roubles(kopecks: int, separator: str, point: str) -> str:
    roubles, rest = divmod(abs(kopecks), 100)
    whole = f"{roubles:,}".replace(",", separator)
    return f"{'−' if kopecks < 0 else ''}{whole}{f'{point}{rest:02d}' if rest else ''}\N{NO-BREAK SPACE}₽"


def _moment(values: Sequence[Any], formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    moment = formats.moment
    return ["" if value is None else moment(value) for value in values]


def _day(values: Sequence[Any], formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    zone = formats.zone
    days = [value.astimezone(zone).date() if isinstance(value, datetime) else value for value in values]
    return ["" if value is None else formats.day(value) for value in days]


def _phone(values: Sequence[Any], _formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    return [_one_phone(value) if value else "" for value in values]


def _one_phone(value: str) -> str:
    if len(value) == 12 and value[:2] == "+7" and value[2] in "3489":
        return f"+7 {value[2:5]} {value[5:8]}-{value[8:10]}-{value[10:]}"
    return format_phone(value)


def _plate(values: Sequence[Any], _formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    return [" ".join(filter(None, format_plate(value))) if value else "" for value in values]


def _bool(values: Sequence[Any], formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    yes = formats.icon("check", "i-16", formats.translate(T("yes")))
    return [yes if value else "" for value in values]


def _choice(values: Sequence[Any], formats: Formats, choices: Sequence[Choice]) -> Sequence[Any]:
    words = formats.drawn("choice", choices, lambda choice, reader: reader.translate(choice.label))
    return [words.get(value, value) for value in values]


def _state(values: Sequence[Any], formats: Formats, choices: Sequence[Choice]) -> Sequence[Any]:
    pills = formats.drawn("state", choices, lambda choice, reader: reader.pill(choice.label, choice.tone))
    return [pills[value] if value in pills else formats.pill(str(value)) for value in values]


def _channel(values: Sequence[Any], formats: Formats, choices: Sequence[Choice]) -> Sequence[Any]:
    squares = formats.drawn("channel", choices, _square)
    return [squares.get(value, value) for value in values]


def _square(choice: Choice, formats: Formats) -> Markup:
    return _CHANNEL.format(choice.tone, formats.icon(choice.icon, "i-16", formats.translate(choice.label)))


def _pills(values: Sequence[Any], formats: Formats, choices: Sequence[Choice]) -> Sequence[Any]:
    """Each value is a list of choices' values, as an addon's ``fetch`` gives them."""
    pills = formats.drawn("pills", choices, lambda choice, reader: reader.pill(choice.label, choice.tone, small=True))
    return [Markup(" ").join(pills.get(one, one) for one in value) if value else "" for value in values]


def _stages(values: Sequence[Any], formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    """Each value is a text of ones and zeros: which stages were passed."""
    drawn = {value: _ticks(value, formats) if value else "" for value in set(values)}
    return [drawn[value] for value in values]


def _ticks(value: str, formats: Formats) -> Markup:
    passed = [char == "1" for char in value]
    label = formats.translate(T("Stages passed: %(passed)s of %(all)s"), passed=sum(passed), all=len(passed))
    parts: list[Markup] = []
    for number, done in enumerate(passed):
        if number:
            parts.append(Markup('<i class="y"></i>') if done and passed[number - 1] else Markup("<i></i>"))
        tick = formats.icon("check", "i-14") if done else ""
        parts.append(Markup("<span>{}</span>").format(tick) if done else Markup('<span class="no"></span>'))
    return Markup('<span class="flags" role="img" aria-label="{}">{}</span>').format(label, Markup("").join(parts))


def _timer(values: Sequence[Any], _formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    return [timer(value) for value in values]


def _link(values: Sequence[Any], _formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    """Addresses of four schemes become links, anything else stays text (SEC-27)."""
    return [
        "" if value is None else _LINK.format(value, value) if str(value).lower().startswith(_SCHEMES) else value
        for value in values
    ]


def _dashed(values: Sequence[Any], _formats: Formats, _choices: Sequence[Choice]) -> Sequence[Any]:
    return [value or _DASH for value in values]


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one kind are written, and the classes of their cells."""

    format: Formatter
    cls: str = ""
    line: str = ""
    right: bool = False


KINDS: dict[str, Kind] = {
    "text": Kind(_text),
    "code": Kind(_dashed, "nowrap"),
    "number": Kind(_number, "num", right=True),
    "year": Kind(_text, "num", right=True),
    "money": Kind(_money, "num nowrap", right=True),
    "moment": Kind(_moment, "num nowrap"),
    "day": Kind(_day, "num nowrap"),
    "phone": Kind(_phone, "num nowrap"),
    "plate": Kind(_plate, "num nowrap"),
    "bool": Kind(_bool),
    "choice": Kind(_choice, "nowrap"),
    "state": Kind(_state),
    "person": Kind(_text, "nowrap"),
    "channel": Kind(_channel),
    "pills": Kind(_pills),
    "stages": Kind(_stages),
    "timer": Kind(_timer, "num"),
    "link": Kind(_link),
}
"""The kinds a column can have, by name."""


def formatted(kind: str, values: Sequence[Any], formats: Formats, choices: Sequence[Choice] = ()) -> Sequence[Any]:
    """The values of a kind as they are shown."""
    return KINDS[kind].format(values, formats, choices)


def plain(kind: str, value: Any, formats: Formats, choices: Sequence[Choice] = ()) -> str:
    """One value as plain words: for conflict pages, exports and the audit of a person's reading."""
    if kind in ("state", "channel", "pills"):
        known = {choice.value: formats.translate(choice.label) for choice in choices}
        several = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(str(known.get(one, one)) for one in several if one is not None)
    if kind == "bool":
        return formats.translate(T("yes") if value else T("no"))
    if kind in ("stages", "link", "code"):
        return "" if value is None else str(value)
    return str(formatted(kind, [value], formats, choices)[0])
