// data-copy="<id>" on a button copies what stands in <code> inside that element, a line each; data-copied are its words then.

/** Show the buttons where the browser lets a page copy: not over plain HTTP from another machine. */
export function arm(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const lines = [...document.querySelectorAll(`#${CSS.escape(button.dataset.copy)} code`)].map((code) => code.textContent);
  await navigator.clipboard.writeText(lines.join("\n"));
  button.querySelector(".txt").textContent = button.dataset.copied;
}
