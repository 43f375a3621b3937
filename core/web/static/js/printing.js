// Printing the page that is open, with the moment on the paper. A page with [data-print-now] prints itself.

function stamp() {
  const timeZone = document.body.dataset.zone || undefined;
  const now = new Date().toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short", timeZone });
  for (const place of document.querySelectorAll("[data-print-time]")) place.textContent = now;
}

export function start() {
  addEventListener("beforeprint", stamp);
  if (document.querySelector("[data-print-now]")) addEventListener("load", () => print());
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-print]")) print();
  });
}

/** Show the buttons that only scripts can answer. */
export function arm(root) {
  for (const button of root.querySelectorAll("[data-print]")) button.hidden = false;
}
