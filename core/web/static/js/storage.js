// What this browser remembers from page to page, as JSON.

/** What was kept under a name; `otherwise` where nothing was, or nothing can be. */
export function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keep it for the next pages. */
export function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch { /* a private window may refuse: known until the next page */ }
}
