// What the modules share: words, the form token, the live region, and asking the server.

const words = () => document.getElementById("texts")?.dataset ?? {};

/** A text of templates/_texts.html with its %(name)s places filled. */
export function text(name, values = {}) {
  return (words()[name] ?? "").replace(/%\((\w+)\)s/g, (_, key) => values[key] ?? "");
}

/** The time of day at a moment, in the zone of the person's branch as everything else on the page. */
export function clock(moment) {
  const timeZone = document.body.dataset.zone || undefined;
  return moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone });
}

/** The token that every request which changes something carries. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Say something to screen readers through the page's one live region. */
export function announce(message) {
  const region = document.getElementById("announce");
  if (!region || !message) return;
  // The same words twice are only spoken if the region was empty in between.
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = message; });
}

/** Goes with what a page asks for without its reader: that does not keep an idle sign-in alive (SEC-19). */
export const BY_ITSELF = { "X-By-Itself": "1" };

/** Who is signed in on this page. */
export const READER = document.body.dataset.user ?? "";

/** Goes with what a page asks for: once somebody else is signed in in this browser, it is answered 401 as well. */
export const FOR_READER = { "X-Reader": READER };

/** Say on the page that the sign-in has ended, if that is what an answer says. Returns the answer. */
export function heard(response) {
  if (response.status === 401) document.dispatchEvent(new CustomEvent("forecourt:signed-out"));
  return response;
}

/** Why there is no answer, in words: of a response or of what fetchFragment threw. */
export function whyNot(refused) {
  return text(refused?.status === 401 ? "signedOut" : "noAnswer");
}

/** A fragment of a page as a DocumentFragment. Throws on a refusal, with its status, or when there is no connection. */
export async function fetchFragment(url, options = {}) {
  const response = heard(await fetch(url, { ...options, headers: { "X-Fragment": "1", Accept: "text/html", ...FOR_READER, ...options.headers } }));
  if (!response.ok) throw Object.assign(new Error(`${response.status} for ${url}`), { status: response.status });
  // What a template element parses is inert: scripts in it never run.
  const holder = document.createElement("template");
  holder.innerHTML = await response.text();
  return holder.content;
}

/** Post fields with the form token; resolves to the response. `keepalive` lets it outlive the page, `signal` calls it off. */
export async function post(url, fields, { keepalive = false, signal } = {}) {
  const response = await fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRF-Token": csrfToken(), "X-Fragment": "1", ...FOR_READER },
    keepalive,
    signal,
  });
  return heard(response);
}

/** Run `action` once calls have stopped for `delay` ms; `.now()` runs a waiting call at once, `.stop()` forgets it. */
export function debounced(action, delay) {
  let timer = 0;
  const stop = () => { clearTimeout(timer); timer = 0; };
  const later = (...values) => {
    stop();
    timer = setTimeout(() => { timer = 0; action(...values); }, delay);
  };
  later.stop = stop;
  later.now = (...values) => { if (timer) { stop(); action(...values); } };
  return later;
}

/** Whether keys typed into this element are text. */
export function takesText(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=file], [type=range], [type=color])");
}

/** Whether an element is drawn and can be used. */
export function usable(element) {
  return !element.disabled && element.getAttribute("aria-disabled") !== "true" && element.getClientRects().length > 0;
}

/** Run for everything on the page now and for whatever htmx or a module puts in later. */
export function onContent(arm) {
  arm(document);
  for (const name of ["htmx:after:settle", "forecourt:content"]) {
    document.addEventListener(name, (event) => {
      if (event.target instanceof Element) arm(event.target);
    });
  }
}

/** Tell the modules that an element has come onto the page. */
export function arrived(element) {
  element.dispatchEvent(new CustomEvent("forecourt:content", { bubbles: true }));
}
