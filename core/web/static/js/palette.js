// Ctrl+K: one box for records and commands. The server answers; this moves the choice and opens it.

import { announce, debounced, fetchFragment, text, whyNot } from "./page.js";
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
    this.answered = Promise.resolve(); // that the last question asked has its answer
    this.ask = debounced(() => this.search(), DELAY);
  }

  start() {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("forecourt:open", () => { this.input.select(); this.search(); });
    this.dialog.addEventListener("close", () => this.asking?.abort());
  }

  /** What is listed answers another text now: nothing of it is chosen. */
  typed() {
    this.asking?.abort();
    choose(this.input, this.list, null);
    this.ask();
  }

  search() {
    this.answered = this.fetch();
  }

  async fetch() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const busy = this.input.parentElement;
    busy.setAttribute("aria-busy", "true");
    try {
      const answer = await fetchFragment(`${this.url}?q=${encodeURIComponent(this.input.value)}`, { signal: asking.signal });
      this.list.replaceChildren(answer);
      this.shown();
    } catch (error) {
      if (error.name !== "AbortError") this.list.replaceChildren(note(whyNot(error)));
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
    if (move(event, this.input, this.list)) event.preventDefault();
    else if (event.key === "Enter") {
      event.preventDefault();
      this.openAnswer(event.ctrlKey || event.metaKey);
    }
  }

  /** Open what was chosen of the answer to what is written now; one who is faster than the answer waits for it. */
  async openAnswer(inNewTab) {
    const written = this.input.value;
    this.ask.now();
    await this.answered;
    if (this.dialog.open && this.input.value === written) this.open(inNewTab);
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
