// Cards of a board are moved by dragging, where Sortable is loaded; the menu on each card does the same without.
// [data-board] holds the address that takes id and state; a refused move puts the card back and says why,
// and one that needs an answer first opens the form which the header X-Ask names.

import { ask } from "./dialogs.js";
import { post, whyNot } from "./page.js";
import { say } from "./toasts.js";

const MOVABLE = ".board-card:not(.still)";

/** Make the boards inside an element draggable, once Sortable, which a page loads after us, is there. */
export function arm(root) {
  for (const board of root.querySelectorAll("[data-board]:not([data-armed])")) {
    if (!window.Sortable) {
      if (document.readyState !== "complete") addEventListener("load", () => arm(root), { once: true });
      return;
    }
    board.dataset.armed = "";
    // A board that has been fetched anew keeps its columns, and what is armed stays so.
    for (const column of board.querySelectorAll("[data-state]")) if (!window.Sortable.get(column)) sortable(board, column);
  }
}

function sortable(board, column) {
  window.Sortable.create(column, {
    group: "board",
    draggable: MOVABLE,
    ghostClass: "dragging",
    delay: 120,
    delayOnTouchOnly: true,
    onEnd: (event) => { if (event.from !== event.to) move(board, event); },
  });
}

async function move(board, { item, from, to, oldDraggableIndex }) {
  const back = () => from.insertBefore(item, from.querySelectorAll(MOVABLE)[oldDraggableIndex] ?? null);
  try {
    const response = await post(board.dataset.board, { id: item.dataset.id, state: to.dataset.state });
    if (!response.ok) {
      back();
      await refused(response);
    }
  } catch {
    back();
    say(whyNot());
  }
}

async function refused(response) {
  const form = response.headers.get("X-Ask");
  if (form) {
    const next = new URLSearchParams({ next: location.pathname + location.search });
    await ask(`${form}?${next}`);
    return;
  }
  const holder = document.createElement("template");
  holder.innerHTML = await response.text();
  const notice = holder.content.querySelector(".notice");
  say((notice?.querySelector(".pre") ?? notice)?.textContent.trim() || whyNot(response));
}
