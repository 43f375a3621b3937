"""What is looked for on a page: accessibility, width, and words of the other language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.host.messages import read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

_PLATE = re.compile(r"[АВЕКМНОРСТУХ] ?\d{3} ?[АВЕКМНОРСТУХ]{2}( ?\d{2,3})?\b")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = """async (rules) => {
  // What a bar at the window's edge covers comes out from under it as one scrolls: it is measured without the bar.
  const bars = [...document.querySelectorAll("body *")].filter((each) => getComputedStyle(each).position === "sticky");
  for (const each of bars) each.style.position = "static";
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"], preload: false });
  for (const each of bars) each.style.position = "";
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""
_WORDS = """() => {
  const own = document.documentElement;
  const foreign = (element) => element.closest("[lang]") !== own || element.closest("script, style, code, pre");
  const found = new Set();
  const add = (element, text) => {
    const said = (text ?? "").replace(/\\s+/g, " ").trim();
    if (said && !foreign(element)) found.add(said);
  };
  const walker = document.createTreeWalker(own, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.parentElement) add(walker.currentNode.parentElement, walker.currentNode.data);
  for (const name of ["aria-label", "aria-description", "title", "placeholder", "alt"])
    for (const element of own.querySelectorAll(`[${name}]`)) add(element, element.getAttribute(name));
  return [...found];
}"""
_COUNT_REQUESTS = """(() => {
  window.pendingRequests = 0;
  const ask = window.fetch;
  window.fetch = (...all) => {
    window.pendingRequests += 1;
    return ask(...all).finally(() => setTimeout(() => { window.pendingRequests -= 1; }, 30));
  };
})()"""

_QUIET = """() => new Promise((done) => {
  const look = () => (window.pendingRequests ? setTimeout(look, 10) : done());
  look();
})"""


def violations(page: Page) -> list[str]:
    """What axe-core finds; it has to be in the page already."""
    return list(page.evaluate(_AXE, _RULES))


def wider(page: Page) -> list[str]:
    """Whether the page scrolls sideways."""
    shown, there = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"it is {shown} px wide in a window of {there}"] if shown > there else []


def prepare(page: Page, axe: str) -> None:
    """Have the checker in every page, and a count of the requests that are under way."""
    page.add_init_script(axe)
    page.add_init_script(_COUNT_REQUESTS)


def settle(page: Page) -> None:
    """Wait until what a page asks for after it has loaded is there."""
    page.evaluate(_QUIET)


@dataclass(frozen=True, slots=True)
class Words:
    """Tells words of the interface in the wrong language.

    What is marked with its own ``lang`` may stand anywhere, and so may number plates, whose letters are Cyrillic.
    """

    english: frozenset[str]
    patterns: re.Pattern[str]
    names: frozenset[str]

    def wrong(self, page: Page, language: str) -> list[str]:
        """The texts and captions of a page that belong to the other language."""
        texts = page.evaluate(_WORDS)
        said = page.evaluate("document.documentElement.lang")
        if said != language:
            return [f"the page says that it is in {said!r}"]
        if language == "en":
            return [f"Russian: {text}" for text in texts if re.search("[а-яё]", _PLATE.sub("", text), re.IGNORECASE)]
        wrong = (text for text in texts if text in self.english or self.patterns.fullmatch(text))
        return [f"English: {text}" for text in wrong if text not in self.names]


def words(folders: Iterable[Path], names: Iterable[str]) -> Words:
    """The English texts that have another Russian one, of the catalogues in some folders.

    :param names: names of things in the world that happen to be such words.
    """
    plain, patterns = set(), []
    for folder in folders:
        for message in read_catalogue(folder / "ru.po"):
            russian = message.string[0] if isinstance(message.string, tuple) else message.string
            for text in map(str, message.id if isinstance(message.id, tuple) else (message.id,)):
                if text and text != russian and "%(" in text:
                    patterns.append(_pattern(text))
                elif text and text != russian:
                    plain.add(" ".join(text.split()))
    return Words(frozenset(plain), re.compile("|".join(filter(None, patterns))), frozenset(names))


def _pattern(text: str) -> str:
    """A regular expression of a text with places; nothing for one that has no word of its own, only a unit."""
    parts = re.split(r"%\(\w+\)s", " ".join(text.split()))
    return ".+".join(map(re.escape, parts)) if re.search("[a-z]{3}", "".join(parts)) else ""


__all__ = ["Words", "prepare", "settle", "violations", "wider", "words"]
