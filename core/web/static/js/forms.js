// Forms: sent once however often one presses, the first error gets the focus, and leaving asks when something would be lost.

import { announce, text } from "./page.js";

const RETRY_AFTER = 8000;
const NEXT_DOWNLOAD_AFTER = 1000;

function guarded(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    announce(text("sent"));
    return;
  }
  busy(form, event.submitter);
}

/** Marked after the browser has read the form: a button that is disabled earlier would not be sent. */
function busy(form, button) {
  form.setAttribute("aria-busy", "true");
  setTimeout(() => button?.matches(".btn") && button.setAttribute("aria-busy", "true"));
  // An answer that never comes must not lock the form for ever; the one-time key keeps a second sending harmless.
  // A file, or a page in another tab (data-download), comes without leaving this one, and nothing tells when.
  const wait = "download" in form.dataset ? NEXT_DOWNLOAD_AFTER : RETRY_AFTER;
  form.dataset.guard = String(setTimeout(() => again(form), wait));
}

/** Let a form be sent again: its answer came and the page is still here. */
export function again(form) {
  clearTimeout(Number(form.dataset.guard));
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
  form.dispatchEvent(new CustomEvent("forecourt:again"));
}

function focusFirstError() {
  const wrong = document.querySelector("#main [aria-invalid=true]") ?? document.querySelector("#main [role=alert][tabindex]");
  (wrong ?? wantedField())?.focus();
}

/** The field that the address asks for: browsers only scroll to what stands behind its #. */
function wantedField() {
  const id = location.hash.slice(1); // names of fields need no decoding, and what else stands there may be anything
  return id ? document.querySelector(`#main form :is(input, select, textarea)#${CSS.escape(id)}`) : null;
}

/** A form with data-warn asks before it is left with changes that no draft holds. */
function warnBeforeLeaving() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-warn]");
    if (form) form.dataset.changed = "";
  });
  document.addEventListener("submit", (event) => delete event.target.dataset.changed, true);
  addEventListener("beforeunload", (event) => {
    const losing = [...document.querySelectorAll("form[data-changed]")].some((form) => !("kept" in form.dataset));
    if (losing) event.preventDefault();
  });
}

/** Controls with data-submit send their form as soon as they change: filters, switches, presence. */
function submitOnChange(event) {
  if (event.target.matches?.("[data-submit]")) event.target.form?.requestSubmit();
}

/** Start listening. */
export function start() {
  // On window, so that every other listener on the form may still stop the sending first.
  addEventListener("submit", (event) => { if (!event.defaultPrevented || isHtmx(event.target)) guarded(event); }, true);
  document.addEventListener("change", submitOnChange);
  document.addEventListener("htmx:finally:request", (event) => {
    const form = event.target.closest?.("form");
    if (form) again(form);
  });
  // Back brings a page as it was left, busy button and all.
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("form[aria-busy=true]")) again(form);
  });
  warnBeforeLeaving();
  focusFirstError();
}

function isHtmx(form) {
  return form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");
}
