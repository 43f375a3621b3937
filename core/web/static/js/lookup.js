// A field with data-lookup-url finds a record while one types. The server draws the options (ui.lookup_option);
// choosing one fills the hidden field named by data-lookup-value and fires «change» on it.

import { announce, debounced, fetchFragment, text, whyNot } from "./page.js";
import { choose, move } from "./listbox.js";

const DELAY = 140;

/** Wire the look-up fields inside an element. */
export function arm(root) {
  for (const input of root.querySelectorAll("input[data-lookup-url]:not([data-armed])")) {
    input.dataset.armed = "";
    new Lookup(input).start();
  }
}

class Lookup {
  constructor(input) {
    this.input = input;
    this.value = document.getElementById(input.dataset.lookupValue);
    this.list = document.getElementById(input.getAttribute("aria-controls"));
    this.popup = this.list.closest(".lookup");
    this.note = this.popup.querySelector(".lookup-note");
    this.asking = null;
    this.answered = Promise.resolve(); // that the last question asked has its answer
    this.waiting = false; // whether the options are not yet those of what is written
    this.ask = debounced(() => this.search(), DELAY);
  }

  start() {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // mousedown, because the blur that a click causes would have closed the list
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.pick(option);
    });
  }

  typed() {
    if (this.value.value) this.set("", this.input.value);
    this.asking?.abort();
    choose(this.input, this.list, null);
    this.waiting = true;
    this.ask();
  }

  search() {
    this.answered = this.fetch();
  }

  async fetch() {
    this.asking?.abort();
    this.asking = new AbortController();
    const url = new URL(this.input.dataset.lookupUrl, location.href);
    url.searchParams.set("q", this.input.value);
    const near = this.input.dataset.lookupNear; // another field of the form, whose records come first
    if (near) url.searchParams.set(near, this.input.form?.elements[near]?.value ?? "");
    try {
      this.show(await fetchFragment(url, { signal: this.asking.signal }));
    } catch (error) {
      if (error.name !== "AbortError") this.fail(error);
    }
  }

  show(answer) {
    this.waiting = false;
    const options = [...answer.querySelectorAll("[role=option]")];
    this.note.replaceChildren(...[...answer.querySelectorAll(".lookup-note")].flatMap((note) => [...note.childNodes]));
    this.list.replaceChildren(...options);
    if (document.activeElement !== this.input) return;
    this.open(options.length > 0 || this.note.hasChildNodes());
    choose(this.input, this.list, options[0]);
    announce(options.length ? text("found", { count: options.length }) : text("nothing"));
  }

  fail(error) {
    this.waiting = false;
    this.list.replaceChildren();
    this.note.textContent = whyNot(error);
    this.open(true);
  }

  key(event) {
    if (event.code === "ArrowDown" && this.popup.hidden) {
      this.search();
      event.preventDefault();
    } else if (event.key === "Enter" && !event.ctrlKey && this.waiting && this.input.value.trim()) {
      this.pickAnswer();
      event.preventDefault();
    } else if (this.popup.hidden) {
      return;
    } else if (move(event, this.input, this.list)) {
      event.preventDefault();
    } else if (event.key === "Escape") {
      this.close();
      event.preventDefault();
    } else if (event.key === "Enter" && !event.ctrlKey) {
      this.pick(this.list.querySelector("[aria-selected=true]"));
      event.preventDefault();
    }
  }

  /** Take the first answer to what is written, when it comes; nothing if one writes on or goes away meanwhile. */
  async pickAnswer() {
    const written = this.input.value;
    this.ask.now();
    await this.answered;
    if (this.input.value === written) this.pick(this.list.querySelector("[aria-selected=true]"));
  }

  pick(option) {
    if (!option) return;
    this.close();
    this.set(option.dataset.value, option.dataset.label);
    this.input.dispatchEvent(new CustomEvent("forecourt:picked", { bubbles: true, detail: { ...option.dataset } }));
  }

  set(value, label) {
    this.value.value = value;
    this.input.value = label;
    this.value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  open(yes) {
    this.popup.hidden = !yes;
    this.input.setAttribute("aria-expanded", String(yes));
  }

  close() {
    this.waiting = false;
    this.ask.stop();
    this.asking?.abort();
    this.open(false);
    choose(this.input, this.list, null);
  }
}

