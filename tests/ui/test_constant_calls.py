"""Calls that always answer alike are made when a template is compiled, and nothing else changes by that."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import DictLoader, StrictUndefined, UndefinedError, pass_context, pass_environment, pass_eval_context
from markupsafe import Markup

from core.web.constant_calls import FoldingEnvironment


@pytest.fixture(autouse=True)
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test has compiled is of no use to another one here."""
    monkeypatch.setattr(FoldingEnvironment, "kept", {})


class Words:
    """Counts how often it is asked, and knows what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str, *more: str) -> str:
        self.asked.append(text)
        if text == "unknown":
            raise LookupError(text)
        return f"<{text}>" if not more else Markup("<b>") + text + Markup("</b>")


def environment(**templates: str) -> tuple[FoldingEnvironment, Words]:
    words = Words()
    made = FoldingEnvironment(loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined)
    made.globals["_"] = words
    made.folded = ("_",)
    return made, words


def test_a_constant_call_is_made_once_and_escaped_as_ever() -> None:
    made, words = environment(page="{{ _('Save') }} {{ _('Save', 'bold') }}{% if shown %}{{ _('More') }}{% endif %}")
    template = made.get_template("page")
    assert words.asked == ["Save", "Save", "More"]
    assert template.render(shown=False) == "&lt;Save&gt; <b>Save</b>"
    assert template.render(shown=True) == "&lt;Save&gt; <b>Save</b>&lt;More&gt;"
    assert len(words.asked) == 3


def test_calls_with_variables_are_left_for_the_request() -> None:
    made, words = environment(page="{{ _(title) }}{{ _('a' ~ title) }}")
    template = made.get_template("page")
    assert not words.asked
    assert template.render(title="b") == "&lt;b&gt;&lt;ab&gt;"
    assert words.asked == ["b", "ab"]


@pytest.mark.parametrize(
    "source",
    [
        "{% set _ = mine %}{{ _('x') }}",
        "{% macro _(text) %}{{ text }}!{% endmacro %}{{ _('x') }}",
        "{% macro call(_) %}{{ _('x') }}{% endmacro %}{{ call(mine) }}",
        "{% for _ in [mine] %}{{ _('x') }}{% endfor %}",
        "{% from 'other' import own as _ %}{{ _('x') }}",
    ],
)
def test_a_name_of_the_templates_own_is_its_own(source: str) -> None:
    made, words = environment(page=source, other="{% macro own(text) %}{{ text }}!{% endmacro %}")
    assert made.get_template("page").render(mine=lambda text: f"{text}!") == "x!"
    assert not words.asked


def test_a_call_that_fails_fails_only_where_it_is_reached() -> None:
    made, _ = environment(page="{% if shown %}{{ _('unknown') }}{% endif %}ok")
    template = made.get_template("page")
    assert template.render(shown=False) == "ok"
    with pytest.raises(LookupError):
        template.render(shown=True)


class Greeting:
    """An object that wants the context when it is called."""

    @pass_context
    def __call__(self, context: Any, text: str = "") -> str:
        return f"{context['who']}: {text}"


@pass_context
def greeting(context: Any, text: str = "") -> str:
    return f"{context['who']}: {text}"


@pytest.mark.parametrize("marked", [greeting, Greeting()], ids=["function", "object"])
@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ greet('Hi') }}", "Eve: Hi"),
        ("{{ greet() }}", "Eve: "),
        ("{{ greet(*['Hi']) }}", "Eve: Hi"),
        ("{% for n in [1, 2] %}{{ greet(text=n) }};{% endfor %}", "Eve: 1;Eve: 2;"),
        ("{% macro given(f) %}{{ f('Hi') }}{% endmacro %}{{ given(greet) }}", "Eve: Hi"),
        ("{% block main %}{{ greet('Hi') }}{% endblock %}", "Eve: Hi"),
    ],
)
@pytest.mark.parametrize("where", ["context", "globals", "folded"])
def test_what_wants_the_context_gets_it(marked: Any, source: str, shown: str, where: str) -> None:
    """Wherever it comes from; that it always answers alike cannot be said of it."""
    made, _ = environment(page=source)
    if where != "context":
        made.globals["greet"] = marked
    if where == "folded":
        made.folded = ("_", "greet")
    context = {"greet": marked} if where == "context" else {}
    assert made.get_template("page").render(who="Eve", **context) == shown


def test_what_wants_the_environment_gets_it() -> None:
    made, _ = environment(page="{{ of('a') }} {{ escapes('b') }}")
    made.globals["of"] = pass_environment(lambda found, text: text * (found is made))
    made.globals["escapes"] = pass_eval_context(lambda how, text: text * how.autoescape)
    assert made.get_template("page").render() == "a b"


def test_a_folded_call_serves_as_an_argument() -> None:
    made, _ = environment(page="{% macro b(text) %}[{{ text }}]{% endmacro %}{{ b(_('x', 'y')) }}{{ _('z')|upper }}")
    assert made.get_template("page").render() == "[<b>x</b>]&lt;Z&gt;"


PARTS = """
{%- macro mark(text, kind='', n=0) %}[{{ text }}{{ kind }}{{ n }}{{ _('m') }}]{% endmacro -%}
{%- macro box(title='none') %}{{ title }}:{% if caller is defined %}{{ caller() }}{% endif %};{% endmacro -%}
{%- macro asks() %}{{ caller() }}{% endmacro -%}
{%- macro rest() %}{{ varargs|length }}{{ kwargs|length }}{% endmacro -%}
"""


def drawn(source: str, **context: object) -> str:
    made, _ = environment(page="{% import 'parts' as ui %}" + source, parts=PARTS)
    return made.get_template("page").render(**context)


def test_an_imported_macro_of_constants_is_drawn_once() -> None:
    made, words = environment(page="{% import 'parts' as ui %}{{ ui.mark(_('a'), n=2) }}", parts=PARTS)
    template = made.get_template("page")
    asked = list(words.asked)
    assert template.render() == template.render() == "[&lt;a&gt;2&lt;m&gt;]"
    assert words.asked == asked, "drawn when it was compiled"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ ui.mark(word, kind='<', n=1) }}", "[&amp;&lt;1&lt;m&gt;]"),
        ("{{ ui.mark(n=word, text=word) }}", "[&amp;&amp;&lt;m&gt;]"),
        ("{% call ui.box(_('x')) %}{{ word }}{% endcall %}", "&lt;x&gt;:&amp;;"),
        ("{% call ui.box() %}inside{% endcall %}{{ ui.box() }}", "none:inside;none:;"),
        ("{{ ui.rest(1, word, a=2) }}", "21"),
        ("{{ ui.mark(*[word], **{'n': 3}) }}", "[&amp;3&lt;m&gt;]"),
        ("{% macro ui_(ui) %}{{ ui.mark }}{% endmacro %}{{ ui_({'mark': word}) }}", "&amp;"),
        ("{% for ui in [word] %}{{ ui }}{% endfor %}", "&amp;"),
    ],
)
def test_macros_are_called_as_ever(source: str, shown: str) -> None:
    assert drawn(source, word="&") == shown


@pytest.mark.parametrize(
    "source",
    [
        "{{ ui.mark(word, 1, 2, 3) }}",
        "{{ ui.mark(word, strange=1) }}",
        "{{ ui.mark(word, text=1) }}",
        "{{ ui.mark() }}",
        "{{ ui.asks() }}",
        "{% call ui.mark(word) %}{% endcall %}",
    ],
)
def test_a_wrong_call_of_a_macro_fails(source: str) -> None:
    with pytest.raises((TypeError, UndefinedError)):
        drawn(source, word="&")


def test_a_template_imported_with_its_context_or_under_two_meanings_is_asked_anew() -> None:
    made, _ = environment(
        page="{% import 'own' as ui with context %}{{ ui.own('a') }}",
        two="{% if first %}{% import 'parts' as ui %}{% else %}{% import 'other' as ui %}{% endif %}{{ ui.mark('a') }}",
        own="{% macro own(text) %}{{ text }}{{ word }}{% endmacro %}",
        parts=PARTS,
        other="{% macro mark(text) %}{{ text }}!{% endmacro %}",
    )
    assert made.get_template("page").render(word="b") == "ab"
    assert made.get_template("two").render(first=True) == "[a0&lt;m&gt;]"
    assert made.get_template("two").render(first=False) == "a!"


# --- what another environment has compiled -------------------------------------------------------

PAGE = "{% import 'ui' as ui %}{{ ui.button(_('Save')) }} {{ name }}"
BUTTON = "{% macro button(text) %}[{{ text }}]{% endmacro %}"


def _drawn(ui: str = BUTTON, said: str = "Save", variant: str = "") -> tuple[str, Any]:
    made, _ = environment(page=PAGE, ui=ui)
    made.globals["_"] = lambda text: said
    made.variant = variant
    template = made.get_template("page")
    return template.render(name="x"), template.root_render_func.__code__


def test_what_was_compiled_is_used_where_every_call_answers_alike() -> None:
    shown, code = _drawn()
    assert _drawn() == ("[Save] x", code)
    assert shown == "[Save] x"


@pytest.mark.parametrize(
    ("differs", "shown"),
    [
        ({"said": "Keep"}, "[Keep] x"),
        ({"ui": BUTTON.replace("[", "(").replace("]", ")")}, "(Save) x"),
        ({"variant": "ru"}, "[Save] x"),
    ],
)
def test_what_was_compiled_is_compiled_anew_where_anything_differs(differs: dict[str, str], shown: str) -> None:
    _, code = _drawn()
    again, other = _drawn(**differs)
    assert again == shown
    assert other is not code
