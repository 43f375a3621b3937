// A double click anywhere on a row opens what the row is about, as Enter does: rows of lists, of cards, of task trees.

const ROWS = "[data-list] [data-row], .rowl, .task-line";
const ACTS = "a, button, input, select, textarea, label, summary, dialog";

/** Listen for double clicks. */
export function start() {
  document.addEventListener("dblclick", (event) => {
    const row = event.target.closest?.(ROWS);
    if (!row || event.target.closest(ACTS)) return;
    const address = row.dataset.url || row.querySelector("a[href]")?.href;
    if (!address || !/^(https?:|\/)/.test(address)) return;
    getSelection()?.removeAllRanges();
    location.assign(address);
  });
}
