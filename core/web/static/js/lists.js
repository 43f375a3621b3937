// Rows by keyboard: a cursor, a selection, and a bar for what is selected.
//
//   [data-list]            holds the table; at most one on a page
//   tr[data-row="<id>"]    a row; data-url, or its first link, is what Enter opens
//   input[data-select]     the row's box; [data-select-all], [data-select-none], [data-bulk], [data-selected] around them

import { text } from "./page.js";
import { onKey } from "./keyboard.js";

const SECOND_G = 700;

/** Wire the list of the page, if it has one. */
export function start() {
  const list = new List();
  onKey((key, event) => list.key(key, event));
  document.addEventListener("change", (event) => list.changed(event));
  document.addEventListener("click", (event) => list.clicked(event));
  document.addEventListener("htmx:after:settle", () => list.show());
  list.restore();
  list.show();
}

class List {
  #lastG = -Infinity;
  #anchor = null;

  get root() { return document.querySelector("[data-list]"); }
  get rows() { return [...(this.root?.querySelectorAll("[data-row]") ?? [])]; }
  get current() { return this.root?.querySelector("[data-row].cur") ?? null; }
  get boxes() { return [...(this.root?.querySelectorAll("input[data-select]") ?? [])]; }

  key(key, event) {
    if (!this.root || document.querySelector("dialog[open]:modal")) return false;
    const away = event.target.closest?.("input:not([data-select], [data-select-all]), select, textarea, button, [role=toolbar], .fc-sheet, .dropdown-menu");
    if (away || (event.target.closest?.("a") && key === "Enter")) return false;
    const act = {
      Down: () => this.step(1), J: () => this.step(1), Up: () => this.step(-1), K: () => this.step(-1),
      "Shift+Down": () => this.extend(1), "Shift+Up": () => this.extend(-1),
      Space: () => this.toggle(), Enter: () => this.open(false), "Ctrl+Enter": () => this.open(true),
      G: () => this.first(event), "Shift+G": () => this.go(this.rows.at(-1)),
    }[key];
    return act ? act() !== false : false;
  }

  /** G alone still begins «go to»; only the second G within a moment is the first row. */
  first(event) {
    const second = event.timeStamp - this.#lastG < SECOND_G;
    this.#lastG = second ? -Infinity : event.timeStamp;
    return second ? this.go(this.rows[0]) : false;
  }

  step(by) {
    const rows = this.rows;
    const now = rows.indexOf(this.current);
    this.#anchor = null;
    return this.go(rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : now + by]);
  }

  go(row) {
    if (!row) return true;
    this.current?.classList.remove("cur");
    row.classList.add("cur");
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    return true;
  }

  extend(by) {
    const rows = this.rows;
    const from = rows.indexOf(this.current);
    if (from < 0) return this.step(by);
    this.#anchor ??= from;
    const to = Math.min(Math.max(from + by, 0), rows.length - 1);
    this.go(rows[to]);
    const [low, high] = [Math.min(this.#anchor, to), Math.max(this.#anchor, to)];
    rows.forEach((row, index) => this.select(row, index >= low && index <= high));
    return this.show();
  }

  toggle() {
    const box = this.current?.querySelector("input[data-select]");
    if (!box) return false;
    box.checked = !box.checked;
    return this.show();
  }

  select(row, on) {
    const box = row.querySelector("input[data-select]");
    if (box) box.checked = on;
  }

  open(inNewTab) {
    const row = this.current;
    const link = row?.querySelector("a[href]");
    const url = row?.dataset.url ?? link?.href;
    if (!url) return false;
    this.remember(row);
    if (inNewTab) window.open(url, "_blank", "noopener");
    else location.assign(url);
    return true;
  }

  /** The row goes into the address, so that Back returns to it. */
  remember(row) {
    history.replaceState(history.state, "", `#row-${row.dataset.row}`);
  }

  restore() {
    const id = /^#row-(.+)$/.exec(location.hash)?.[1];
    const row = id && this.root?.querySelector(`[data-row="${CSS.escape(decodeURIComponent(id))}"]`);
    if (row) this.go(row);
  }

  changed(event) {
    if (event.target.matches?.("[data-select-all]")) for (const box of this.boxes) box.checked = event.target.checked;
    if (event.target.matches?.("[data-select], [data-select-all]")) this.show();
  }

  clicked(event) {
    const row = event.target.closest?.("[data-list] [data-row]");
    if (row) {
      this.current?.classList.remove("cur");
      row.classList.add("cur");
      if (event.target.closest("a")) this.remember(row);
    }
    if (event.target.closest?.("[data-select-none]")) {
      for (const box of this.boxes) box.checked = false;
      this.show();
    }
  }

  /** Make the head's box, the bar and the count say what is selected. */
  show() {
    const boxes = this.boxes;
    const count = boxes.filter((box) => box.checked).length;
    const all = document.querySelector("[data-select-all]");
    if (all) {
      all.checked = count > 0 && count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
    const words = count ? text("selected", { count }) : "";
    for (const place of document.querySelectorAll("[data-bulk-text], [data-selected]")) place.textContent = words;
    for (const bar of document.querySelectorAll("[data-bulk]")) bar.hidden = count === 0;
    return true;
  }
}
