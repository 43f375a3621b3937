// Rows that a person puts in order: the <li> of [data-ordering], moved by their buttons [data-step] ("up" or "down") and by
// dragging. They are sent in the order they stand in; the numbers that serve without scripts ([data-place]) go.

import { announce } from "./page.js";

/** Let the rows inside an element be moved. */
export function arm(root) {
  for (const list of root.querySelectorAll("[data-ordering]:not([data-armed])")) {
    list.dataset.armed = "";
    for (const row of list.children) {
      row.querySelector("[data-place]").remove();
      row.querySelector(".moves").hidden = false;
      row.draggable = true;
    }
    list.addEventListener("click", step);
    letDrag(list);
  }
}

function step({ target }) {
  const button = target.closest("[data-step]");
  const row = button?.closest("li");
  if (!row) return;
  if (button.dataset.step === "up") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  button.focus();
  row.scrollIntoView({ block: "nearest" });
  const rows = [...row.parentElement.children];
  announce(`${row.querySelector("label").textContent.trim()}: ${rows.indexOf(row) + 1} / ${rows.length}`);
}

function letDrag(list) {
  let moved = null;
  list.addEventListener("dragstart", ({ target, dataTransfer }) => {
    moved = target.closest("li");
    moved.classList.add("dragging");
    dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!moved || !over) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (over !== moved) over[event.clientY > top + height / 2 ? "after" : "before"](moved);
  });
  list.addEventListener("dragend", () => {
    moved.classList.remove("dragging");
    moved = null;
  });
}
