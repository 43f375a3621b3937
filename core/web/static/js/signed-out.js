// A sign-in that has ended, or was replaced by somebody else's: what the page asks for is answered 401. The page stays as
// it is, with all that is typed in it, and its bar #signed-out says why and where to sign in again. Once its reader has done
// that, in another tab, the page goes on with the new form token; nobody else ever sends what is typed here.
//
//   BroadcastChannel "forecourt-reader"   each page that opens tells the others of this browser whose it is
//   "forecourt:signed-out"   an answer was 401 (page.js heard it)
//   "forecourt:signed-in"    the page can go on

import { announce, BY_ITSELF, FOR_READER, heard, READER, text } from "./page.js";

const ENTRY = "/keys"; // any page of somebody who is signed in; this one reads next to nothing
const STREAM = "/live";
let bar = null;

const ended = () => !bar.hidden;

/** Watch; called once by app.js, before the modules that send forms. */
export function start() {
  bar = document.getElementById("signed-out");
  if (!bar) return;
  tellReader();
  document.addEventListener("forecourt:signed-out", show);
  document.addEventListener("htmx:before:response", ({ detail }) => heard(detail.ctx.response.raw));
  document.addEventListener("fc:offline", askWhy);
  document.addEventListener("fc:online", goOn);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) goOn(); });
  addEventListener("focus", goOn);
  addEventListener("submit", hold, true);
}

/** A browser has one sign-in: whoever opens a page in it has replaced whoever read the others. */
function tellReader() {
  const tabs = new BroadcastChannel("forecourt-reader");
  tabs.onmessage = ({ data }) => (data === READER ? goOn() : show());
  tabs.postMessage(READER);
}

function show() {
  document.getElementById("offline").hidden = true;
  if (!ended()) say(text("signedOut"));
  goOn(); // the answer may be older than a new sign-in
}

function say(words) {
  const place = bar.querySelector("[data-words]");
  if (ended() && place.textContent === words) return;
  place.textContent = words;
  bar.hidden = false;
  announce(bar.textContent.trim());
}

/** A stream that is refused looks like one that is lost: an ordinary request tells the two apart. */
async function askWhy() {
  const response = await fetch(STREAM, { headers: { "X-Fragment": "1", ...FOR_READER, ...BY_ITSELF } }).catch(() => null);
  if (!response) return;
  heard(response);
  response.body?.cancel();
}

/** A form that is sent now would leave the page, and what is typed since the sign-in ended is only here. */
function hold(event) {
  if (!ended() || event.target.method !== "post") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  bar.querySelector("a").focus();
}

/** Take the token of the new sign-in if it is the same person's, else say whose it is. */
async function goOn() {
  if (!ended()) return;
  const response = await fetch(ENTRY, { headers: BY_ITSELF }).catch(() => null);
  if (!response?.ok || !ended()) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const { user, name } = page.body.dataset;
  if (user !== READER) return say(name ? text("somebodyElse", { name }) : text("signedOut"));
  if (response.redirected) return; // something else has to be done first
  const token = page.querySelector('meta[name="csrf-token"]').content;
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  bar.hidden = true;
  document.dispatchEvent(new CustomEvent("forecourt:signed-in"));
}
