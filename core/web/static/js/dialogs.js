// data-open="<id>" on a link or button opens the <dialog> of that id instead of following the link;
// a <dialog data-open-now> opens with the page, as after a refusal of what was entered in it.
// data-ask on a link fetches the dialog from the link's address; without an answer the link is followed. With data-open
// as well, one that is on the page already is opened as it is, with what was refused in it.

import { arrived, fetchFragment, text } from "./page.js";

/** Open a dialog and let its own module know. */
export function open(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  firstField(dialog)?.focus();
  dialog.dispatchEvent(new CustomEvent("forecourt:open"));
}

/** Where to begin: what was refused, else what is still to be filled in (data-later: not this); the button that closes comes last. */
function firstField(dialog) {
  const fields = [...dialog.querySelectorAll(".dialog-b :is(input, select, textarea):enabled:not([type=hidden])")];
  return (
    fields.find((field) => field.matches("[aria-invalid=true]")) ??
    fields.find((field) => isEmpty(field, fields) && !("later" in field.dataset)) ??
    fields.find((field) => field.matches(":checked")) ??
    fields[0]
  );
}

function isEmpty(field, fields) {
  if (field.type === "radio") return !fields.some((each) => each.name === field.name && each.checked);
  return field.type !== "checkbox" && !field.value;
}

/** Fetch the dialog that an address gives and open it; where that fails, go there. */
export async function ask(url) {
  try {
    const dialog = (await fetchFragment(url)).querySelector("dialog");
    document.getElementById(dialog.id)?.remove();
    document.getElementById("main").append(dialog);
    window.htmx.process(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    arrived(dialog);
    open(dialog);
  } catch {
    location.assign(url);
  }
}

function asker(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest?.("a[data-ask]");
  if (!link) return;
  event.preventDefault();
  ask(link.href);
}

function opener(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const trigger = event.target.closest?.("[data-open]");
  const dialog = trigger && document.getElementById(trigger.dataset.open);
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  open(dialog);
}

/** A click on the backdrop closes; it arrives at the dialog itself, outside its box. */
function closeOutside(event) {
  if (!(event.target instanceof HTMLDialogElement) || !event.target.open) return;
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && event.clientX + event.clientY > 0) event.target.close();
}

/** The keys of this very screen, read off its buttons, at the top of the map. */
function fillKeys() {
  const place = document.querySelector("#keys [data-screen-keys]");
  if (!place) return;
  const rows = [...document.querySelectorAll("#main [data-key]")].map(keyRow).filter(Boolean);
  place.hidden = rows.length === 0;
  place.querySelector("dl").replaceChildren(...rows.flat());
}

function keyRow(element) {
  const named = element.matches("fieldset, .fld") ? element.querySelector("legend, .lbl, label") : element.closest("label") ?? element;
  const words = element.getAttribute("aria-label") ?? wordsOf(named);
  if (!words) return null;
  const name = document.createElement("dt");
  const keys = document.createElement("dd");
  name.textContent = words;
  for (const key of element.dataset.key.split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = key.replace("Space", text("keySpace")).replaceAll("+", " ");
    keys.append(cap, " ");
  }
  return [name, keys];
}

function wordsOf(element) {
  if (!element) return "";
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, .opt, .req, svg")) extra.remove();
  return (copy.textContent || copy.getAttribute("placeholder") || "").replace(/\s+/g, " ").trim();
}

/** Start listening. */
export function start() {
  document.addEventListener("click", opener);
  document.addEventListener("click", asker);
  document.addEventListener("click", closeOutside);
  document.getElementById("keys")?.addEventListener("forecourt:open", fillKeys);
  const refused = document.querySelector("dialog[data-open-now]");
  if (refused) open(refused);
}
