// Ctrl+K: one box for records and commands. The server answers; this moves the choice and opens it.

import { announce, debounced, fetchFragment, text } from "./page.js";
import { choose, move, optionsOf } from "./listbox.js";

const DELAY = 110;

/** Wire the palette of the page. */
export function start() {
  const dialog = document.getElementById("palette");
  if (dialog) new Palette(dialog).start();
}

class Palette {
  constructor(dialog) {
    this.dialog = dialog;
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector("[role=listbox]");
    this.url = dialog.dataset.palette;
    this.asking = null;
    this.ask = debounced(() => this.search(), DELAY);
  }

  start() {
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("forecourt:open", () => { this.input.select(); this.search(); });
    this.dialog.addEventListener("close", () => this.asking?.abort());
  }

  async search() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const busy = this.input.parentElement;
    busy.setAttribute("aria-busy", "true");
    try {
      const answer = await fetchFragment(`${this.url}?q=${encodeURIComponent(this.input.value)}`, { signal: asking.signal });
      this.list.replaceChildren(answer);
      this.shown();
    } catch (error) {
      if (error.name !== "AbortError") this.list.replaceChildren(note(text("noAnswer")));
    } finally {
      if (this.asking === asking) busy.removeAttribute("aria-busy");
    }
  }

  shown() {
    const options = optionsOf(this.list);
    choose(this.input, this.list, options[0]);
    announce(options.length ? text("found", { count: options.length }) : text("nothing"));
  }

  key(event) {
    if (move(event, this.input, this.list)) return event.preventDefault();
    if (event.key !== "Enter") return undefined;
    event.preventDefault();
    // Enter before the answer has come: ask at once, so that the first result is of what is written.
    this.ask.now();
    return this.open(event.ctrlKey || event.metaKey);
  }

  open(inNewTab) {
    const chosen = this.list.querySelector("[aria-selected=true]");
    if (!chosen) return;
    if (inNewTab) window.open(chosen.href, "_blank", "noopener");
    else {
      this.dialog.close();
      chosen.click();
    }
  }
}

function note(words) {
  const box = document.createElement("div");
  box.className = "empty";
  box.textContent = words;
  return box;
}
