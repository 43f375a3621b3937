"""The fields of generated forms: what a person types becomes a checked value, whatever he types (SEC-30)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, false, select
from wtforms import BooleanField, Field, FormField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import Choice as FormOption
from wtforms.validators import StopValidation, ValidationError

from core.db.types import to_kopecks, to_roubles
from core.text.phones import format_phone, parse_phone
from core.text.plates import format_plate
from core.web.http import checked_text, number_of
from core.web.i18n import T
from core.web.listing.filters import found
from core.web.listing.language import resolve
from core.web.local_time import clock_skips, local_moment, moment_input

if TYPE_CHECKING:
    from core.web.listing.viewer import Viewer
    from core.web.screens import Choice, Lookup

MOST_OFFERED = 300
"""Records a plain select offers."""
_AMOUNT = re.compile(r"-?\d{1,13}(?:[.,]\d{1,2})?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")


class Required:
    """Refuses an empty field; drawn as required."""

    field_flags = {"required": True}  # noqa: RUF012 - the name and form WTForms reads

    def __call__(self, _form: Any, field: Any) -> None:
        """Stop at an empty value."""
        if field.data in (None, ""):
            # A field that could not read its text has said so itself.
            raise StopValidation(None if field.errors else field.gettext(T("Fill this in.")))


class AtMost:
    """Refuses a text longer than its column."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.field_flags = {"maxlength": length}

    def __call__(self, _form: Any, field: Any) -> None:
        """Compare the length."""
        if field.data and len(field.data) > self.length:
            raise ValidationError(field.gettext(T("At most %(max)s characters.")) % {"max": self.length})


class Faultless:
    """Refuses a text in which its declaration finds a fault."""

    def __init__(self, fault: Callable[[str], str]) -> None:
        self.fault = fault

    def __call__(self, _form: Any, field: Any) -> None:
        """Say the fault."""
        found = self.fault(field.data or "")
        if found:
            raise ValidationError(field.gettext(found))


class Between:
    """Refuses a number outside what its column or its meaning allows."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __call__(self, _form: Any, field: Any) -> None:
        """Compare the number."""
        if field.data is not None and not self.low <= field.data <= self.high:
            words = field.gettext(T("A number from %(low)s to %(high)s."))
            raise ValidationError(words % {"low": self.low, "high": self.high})


class TextField(StringField):  # type: ignore[misc]
    """One line of text, without spaces around it."""

    data: str | None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Clean the text; refuse what no database keeps."""
        self.data = _clean(self, valuelist[0].strip()) if valuelist else ""


class LongTextField(TextAreaField):  # type: ignore[misc]
    """Several lines of text."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Clean the text; browsers send both line ends."""
        self.data = _clean(self, valuelist[0].strip().replace("\r\n", "\n")) if valuelist else ""


class NullableTextField(TextField):
    """One line of text whose column is empty rather than blank."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """An empty text is nothing."""
        super().process_formdata(valuelist)
        self.data = self.data or None


class ParsedField(StringField):  # type: ignore[misc]
    """A field with a text for people and a value of another type for the program."""

    data: Any
    wrong = T("This is not understood.")

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the text; keep it as it was typed when it cannot be read."""
        stored, self.data = self.data, None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        if stored is not None and text == self.write(stored):
            # A text may say less than its value, as a moment without its seconds does: left alone, the value stays.
            self.data = stored
            return
        value = self.read(text) if checked_text(text) and len(text) <= 200 else None
        if value is None:
            raise ValueError(self.gettext(self.wrong))
        self.data = value

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def read(self, text: str) -> Any:
        """The value a text means, or nothing."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The text of a value."""
        return str(value)


class WholeField(ParsedField):
    """A whole number; spaces between thousands are read over."""

    wrong = T("This is not a whole number.")

    def read(self, text: str) -> int | None:
        """Up to nineteen digits."""
        digits = _SPACES.sub("", text)
        return int(digits) if re.fullmatch(r"-?\d{1,19}", digits, re.ASCII) else None


class MoneyField(ParsedField):
    """Roubles for the person, kopecks for the program."""

    wrong = T("This is not an amount in roubles.")

    def read(self, text: str) -> int | None:
        """``18 100,50`` and the like."""
        amount = _SPACES.sub("", text).removesuffix("₽")
        return to_kopecks(Decimal(amount.replace(",", "."))) if _AMOUNT.fullmatch(amount) else None

    def write(self, value: int) -> str:
        """Roubles, with kopecks only when there are any, as they are typed in the person's language."""
        text = f"{to_roubles(value):f}".removesuffix(".00")
        return text.replace(".", ",") if self.meta.viewer.language == "ru" else text


class DayField(ParsedField):
    """A day, as the browser's own date field sends it or as people write it."""

    wrong = T("This is not a date.")

    def read(self, text: str) -> date | None:
        """``2026-11-20`` or ``20.11.2026``, from 1900 to 2200."""
        written = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII)
        parts = (written[3], written[2], written[1]) if written else tuple(text.split("-"))
        try:
            day = date(*(int(part) for part in parts if part.isascii())) if len(parts) == 3 else None
        except (ValueError, OverflowError):
            return None
        return day if day is not None and 1900 <= day.year <= 2200 else None

    def write(self, value: date) -> str:
        """As the browser's date field wants it."""
        return value.isoformat()


SKIPPED = T("The clock is put forward that night and skips this time.")


class MomentField(ParsedField):
    """A moment, typed in the person's zone, kept in UTC."""

    wrong = T("This is not a date and time.")

    def read(self, text: str) -> datetime | None:
        """``2026-11-20T14:07`` as the browser's own field sends it."""
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", text, re.ASCII):
            return None
        if not 1900 <= int(text[:4]) <= 2200:
            return None
        if clock_skips(text, self.meta.viewer.zone):
            raise ValueError(self.gettext(SKIPPED))
        return local_moment(text, self.meta.viewer.zone)

    def write(self, value: datetime) -> str:
        """As the browser's own field wants it."""
        return moment_input(value, self.meta.viewer.zone)


class PhoneField(ParsedField):
    """A phone number in any spelling, kept as E.164."""

    wrong = T("This is not a phone number.")

    def read(self, text: str) -> str | None:
        """The number, if it is one."""
        phone = parse_phone(text)
        return phone.e164 if phone is not None else None

    def write(self, value: str) -> str:
        """As people read it."""
        return format_phone(value) if value else ""


class YesNoField(BooleanField):  # type: ignore[misc]
    """A box that is ticked or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "BooleanField"


class ChoiceField(SelectField):  # type: ignore[misc]
    """One of a few declared values."""

    def __init__(self, label: str = "", *, offered: Sequence[Choice] = (), empty: bool = False, **kwargs: Any) -> None:
        self.offered, self.empty = offered, empty
        super().__init__(label, choices=[], coerce=str, validate_choice=False, **kwargs)
        self.type = "SelectField"
        translate = self.meta.viewer.translate
        words = [(str(choice.value), translate(choice.label)) for choice in offered]
        self.choices = [("", ""), *words] if empty else words

    def process_data(self, value: Any) -> None:
        """The column's own value, not its text."""
        self.data = value

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """The value behind the text; anything else is refused."""
        text = valuelist[0] if valuelist else ""
        self.data = None
        if text or not self.empty:
            known = {str(choice.value): choice.value for choice in self.offered}
            if text not in known:
                raise ValueError(self.gettext(T("Choose one of the list.")))
            self.data = known[text]

    def iter_choices(self) -> Any:
        """The options, the chosen one marked."""
        chosen = "" if self.data is None else str(self.data)
        for value, words in self.choices or ():
            yield FormOption(value, words, value == chosen, {})


class LookupField(SelectField):  # type: ignore[misc]
    """A record of another model, by its id; a new one only if this person may choose it."""

    def __init__(self, label: str = "", *, lookup: Lookup, empty: bool = True, **kwargs: Any) -> None:
        self.lookup, self.empty = lookup, empty
        super().__init__(label, choices=[], coerce=str, validate_choice=False, **kwargs)
        self.type = "LookupField" if lookup.search is not None else "SelectField"
        self.shown = ""

    @property
    def viewer(self) -> Viewer:
        """Who fills the form in."""
        viewer: Viewer = self.meta.viewer
        return viewer

    def process_data(self, value: Any) -> None:
        """The id that is stored; its words are read, even of a record that can no longer be chosen."""
        self.data = value
        if value is not None:
            found = self._titles([value], may_be_chosen=False)
            self.shown = found.get(value) or self.viewer.translate(T("not available"))

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """The id that was sent, checked against the records this person may choose; the stored one may stay."""
        text = valuelist[0] if valuelist else ""
        stored, self.data = self.data, None
        if not text:
            self.shown = ""
            return
        number = number_of(text)
        if number is not None and number == stored:
            # Also one that this person may not see: he leaves it as it is.
            self.data = number
            return
        found = self._titles([number], may_be_chosen=True) if number is not None else {}
        if number not in found:
            raise ValueError(self.gettext(T("There is no such record to choose.")))
        self.data, self.shown = number, found[number]

    def read_typed(self, text: str) -> None:
        """Choose the one record that typed words find; otherwise keep the words and say so."""
        if not text or self.lookup.search is None:
            return
        self.shown = text[:200]
        condition = found(self.viewer.session, self.lookup.search, text) if checked_text(text) else false()
        titles = self._titles(None, condition, may_be_chosen=True)
        if len(titles) == 1:
            [(self.data, self.shown)] = titles.items()
        else:
            self.process_errors.append(self.gettext(T("Choose one of the list.")))

    def iter_choices(self) -> Any:
        """All records of a small directory, the chosen one marked and never missing."""
        titles = self._titles(None, may_be_chosen=True)
        if self.lookup.words is not None:
            named = self.lookup.words(self.viewer)
            titles = {number: text for number, text in named.items() if number in titles}
        if self.data is not None and self.data not in titles:
            titles = {self.data: self.shown, **titles}
        if self.empty:
            yield FormOption("", "", self.data is None, {})
        for number, words in titles.items():
            yield FormOption(str(number), words, number == self.data, {})

    def is_choice(self) -> bool:
        """Whether this person has more than one record to choose from."""
        return len(self._titles(None, may_be_chosen=True)) > 1

    def _titles(
        self, ids: Sequence[int | None] | None, *conditions: ColumnElement[bool], may_be_chosen: bool
    ) -> dict[int, str]:
        lookup, viewer = self.lookup, self.viewer
        title = resolve(lookup.label, viewer.language)
        facts = [resolve(fact, viewer.language) for fact, _ in lookup.facts]
        statement = (
            select(lookup.model.id, title, *facts)
            .where(*conditions)
            .order_by(title, lookup.model.id)
            .limit(MOST_OFFERED)
        )
        if ids is not None:
            statement = statement.where(lookup.model.id.in_(ids))
        if may_be_chosen:
            statement = statement.where(*lookup.choosable(viewer.session.access))
        rows = viewer.session.execute(statement.execution_options(**lookup.options(viewer.session.access)))
        return {number: whole_title(lookup, words, told) for number, words, *told in rows}


def whole_title(lookup: Lookup, title: Any, facts: Sequence[Any]) -> str:
    """A record of a look-up in one line: its title and the facts beside it."""
    return " · ".join(filter(None, [str(title), *written_facts(lookup, facts)]))


def written_facts(lookup: Lookup, facts: Sequence[Any]) -> list[str]:
    """The facts beside a title, as people write them; what is not known is left out."""
    written = [
        " ".join(filter(None, format_plate(value))) if kind == "plate" and value else str(value or "")
        for (_, kind), value in zip(lookup.facts, facts, strict=True)
    ]
    return [text for text in written if text]


class SectionField(FormField):  # type: ignore[misc]
    """The fields of an addon's section, under its name; they speak the person's language as the rest does."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Fill the inner form from what was sent, else from what the addon loaded."""
        assert not extra_filters, "a section has no filters of its own"
        self.object_data = data
        self._obj = None
        prefix = f"{self.name}{self.separator}"
        values = data if isinstance(data, dict) else {}
        self.form = self.form_class(formdata=formdata, data=values, prefix=prefix, meta={"viewer": self.meta.viewer})


def _clean(field: Field, text: str) -> str:
    if not checked_text(text):
        raise ValueError(field.gettext(T("This text holds characters that cannot be stored.")))
    return text
