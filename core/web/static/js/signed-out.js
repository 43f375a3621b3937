// A sign-in that has ended: what the page asks for is answered 401. The page stays as it is, with all that is typed in it,
// and its bar #signed-out says where to sign in again. Once that is done, in another tab, the page goes on with the new
// form token.
//
//   "forecourt:signed-out"   an answer was 401 (page.js heard it)
//   "forecourt:signed-in"    the page can go on

import { announce, BY_ITSELF, heard } from "./page.js";

const ENTRY = "/keys"; // any page of somebody who is signed in; this one reads next to nothing
const STREAM = "/live";
let bar = null;

const ended = () => !bar.hidden;

/** Watch; called once by app.js, before the modules that send forms. */
export function start() {
  bar = document.getElementById("signed-out");
  if (!bar) return;
  document.addEventListener("forecourt:signed-out", show);
  document.addEventListener("htmx:before:response", ({ detail }) => heard(detail.ctx.response.raw));
  document.addEventListener("fc:offline", askWhy);
  document.addEventListener("fc:online", goOn);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) goOn(); });
  addEventListener("focus", goOn);
  addEventListener("submit", hold, true);
}

function show() {
  document.getElementById("offline").hidden = true;
  if (ended()) return;
  bar.hidden = false;
  announce(bar.textContent.trim());
  goOn(); // the answer may be older than a new sign-in
}

/** A stream that is refused looks like one that is lost: an ordinary request tells the two apart. */
async function askWhy() {
  const response = await fetch(STREAM, { headers: { "X-Fragment": "1", ...BY_ITSELF } }).catch(() => null);
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

/** Take the token of the new sign-in, if it is the same person's. */
async function goOn() {
  if (!ended()) return;
  const response = await fetch(ENTRY, { headers: BY_ITSELF }).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (page.body.dataset.user !== document.body.dataset.user) return;
  const token = page.querySelector('meta[name="csrf-token"]').content;
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  bar.hidden = true;
  document.dispatchEvent(new CustomEvent("forecourt:signed-in"));
}
