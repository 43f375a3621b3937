// Cards of a board are moved by dragging, where Sortable is loaded; the menu on each card does the same without.
// [data-board] holds the address that takes id and state; a refused move puts the card back.

import { post } from "./page.js";

/** Make the boards inside an element draggable. */
export function arm(root) {
  for (const board of root.querySelectorAll("[data-board]:not([data-armed])")) {
    if (!window.Sortable) return;
    board.dataset.armed = "";
    for (const column of board.querySelectorAll("[data-state]")) sortable(board, column);
  }
}

function sortable(board, column) {
  window.Sortable.create(column, {
    group: "board",
    draggable: ".board-card",
    ghostClass: "dragging",
    delay: 120,
    delayOnTouchOnly: true,
    onEnd: (event) => { if (event.from !== event.to) move(board, event); },
  });
}

async function move(board, { item, from, to, oldDraggableIndex }) {
  const back = () => from.insertBefore(item, from.querySelectorAll(".board-card")[oldDraggableIndex] ?? null);
  try {
    const response = await post(board.dataset.board, { id: item.dataset.id, state: to.dataset.state });
    if (!response.ok) back();
    board.dispatchEvent(new CustomEvent("forecourt:moved", { bubbles: true, detail: { response } }));
  } catch {
    back();
  }
}
