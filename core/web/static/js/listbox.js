// One chosen option in a listbox that a text field controls (combobox pattern: the focus stays in the field).

/** The options of a listbox in their order. */
export function optionsOf(list) {
  return [...list.querySelectorAll("[role=option]")];
}

/** Make one option the chosen one, or none. */
export function choose(input, list, option) {
  for (const other of list.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
  if (!option) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  option.id ||= `${list.id}-${optionsOf(list).indexOf(option)}`;
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

/** Arrow keys, Page and Home/End with Ctrl move the choice; true when the key was one of them. */
export function move(event, input, list) {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.code];
  const options = optionsOf(list);
  if (!step || event.altKey || !options.length) return false;
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = now < 0 ? (step > 0 ? 0 : options.length - 1) : now + step;
  const wrapped = Math.abs(step) === 1 ? (next + options.length) % options.length : Math.min(Math.max(next, 0), options.length - 1);
  choose(input, list, options[wrapped]);
  return true;
}
