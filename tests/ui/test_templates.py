"""What every template keeps to: the content policy, the macros' contract, translated words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from core.web.i18n import load_translators
from tests.ui.contract import CORE, PAGES, STATIC, TEMPLATES, assets, context, environment, rendered, sources

ADDONS = CORE.parent / "addons"
UI = (TEMPLATES / "ui.html").read_text(encoding="utf-8")
EVERYWHERE = [*sources(), *sorted(ADDONS.glob("*/templates/**/*.html"))]

FORBIDDEN = {
    "style attribute": r"<[^>]*\sstyle\s*=",
    "style element": r"<style\b",
    "inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "event attribute": r"<[^>]*\son[a-z]+\s*=",
    "htmx that needs eval": r"hx-on\b|[\"']js:|hx-trigger=\"[^\"]*\[",
    "script address": r"javascript:",
    "another machine": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
    "unescaped text": r"\|\s*safe\b",
}


class Reader(HTMLParser):
    """Elements and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["kbd"]:
            self.texts.append(data)


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: str(path.relative_to(CORE.parent)))
def test_a_template_needs_nothing_the_content_policy_forbids(path: Path) -> None:
    """SEC-25, SEC-26, SEC-27."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = {
        name: match.group() for name, pattern in FORBIDDEN.items() if (match := re.search(pattern, text, re.IGNORECASE))
    }
    assert found == {}


@pytest.mark.parametrize("template", PAGES)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_rendered_page_has_no_inline_style_and_unique_ids(template: str, language: str) -> None:
    """SEC-26; two equal ids would break labels and look-ups."""
    page = Reader(rendered(template, language=language))
    assert [tag for tag, attrs in page.elements if "style" in attrs] == []
    ids = [attrs["id"] or "" for _, attrs in page.elements if "id" in attrs]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("template", PAGES)
def test_every_class_that_is_drawn_is_in_a_sheet(template: str) -> None:
    sheets = "".join(
        path.read_text(encoding="utf-8") for path in [*STATIC.glob("*.css"), STATIC / "vendor/bootstrap.min.css"]
    )
    known = set(re.findall(r"\.([A-Za-z][\w-]*)", sheets))
    drawn = {name for _, attrs in Reader(rendered(template)).elements for name in (attrs.get("class") or "").split()}
    assert drawn - known == set()


def test_every_macro_says_what_it_is_for_and_is_shown_in_the_gallery() -> None:
    macros = re.findall(r"(.{3})\n\{% macro ([a-z]\w*)\(", UI)
    assert [name for before, name in macros if before.strip() != "#}"] == []
    shown = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "gallery").glob("*.html"))
    shown += "".join(path.read_text(encoding="utf-8") for path in sources())
    unused = [name for _, name in macros if f"ui.{name}(" not in shown and UI.count(f"{name}(") < 2]
    assert unused == []


def msgids() -> set[str]:
    found = extract_from_dir(
        str(TEMPLATES),
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}},
        keywords={"_": None, "ngettext": (1, 2)},
    )
    return {text for _, _, message, _, _ in found for text in ([message] if isinstance(message, str) else message[:1])}


def test_every_text_of_the_templates_is_translated() -> None:
    """Nothing is left in English for a Russian reader."""
    russian = load_translators([CORE / "locale"])["ru"]
    assert sorted(text for text in msgids() if not russian.has(text)) == []


def test_the_places_in_a_text_are_the_same_in_its_translation() -> None:
    russian = load_translators([CORE / "locale"])["ru"]
    places = re.compile(r"%\(\w+\)s")
    wrong = [text for text in msgids() if sorted(places.findall(text)) != sorted(places.findall(russian(text)))]
    assert wrong == []


@pytest.mark.parametrize(
    "template", ["conflict.html", "search.html", "notifications/page.html", "signin.html", "errors/error.html"]
)
def test_no_word_of_a_page_is_written_past_the_catalogue(template: str) -> None:
    """Pages of core are rendered with marked translations; the invented people of the test speak Russian."""
    marked = environment("ru", assets())
    marked.globals["_"] = lambda text, **values: f"⟦{text % values if values else text}⟧"
    page = Reader(marked.get_template(template).render(context(template)))
    bare = re.sub(r"⟦.*?⟧", "", " ".join(page.texts))
    assert set(re.findall(r"[A-Za-z]{3,}", bare)) <= {"Forecourt", "English", "admin", "lebedeva", "petukhov"}


def test_undefined_presence_or_counter_does_not_pass_unseen() -> None:
    """A page that the shell is not prepared for fails in its test instead of drawing holes."""
    from jinja2 import UndefinedError

    values = context("search.html")
    del values["badges"]
    with pytest.raises(UndefinedError):
        environment("ru", assets()).get_template("search.html").render(values)
