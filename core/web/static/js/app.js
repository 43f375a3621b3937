// The entry of every page inside the shell: wires the modules, and what htmx needs to know of us.

import { BY_ITSELF, csrfToken, FOR_READER, onContent } from "./page.js";
import * as boards from "./boards.js";
import * as dialogs from "./dialogs.js";
import * as drafts from "./drafts.js";
import * as failures from "./failures.js";
import * as follows from "./follows.js";
import * as forms from "./forms.js";
import * as keyboard from "./keyboard.js";
import * as lists from "./lists.js";
import * as live from "./live.js";
import * as lookup from "./lookup.js";
import * as notify from "./notify.js";
import * as openings from "./openings.js";
import * as ordering from "./ordering.js";
import * as palette from "./palette.js";
import * as planner from "./planner.js";
import * as printing from "./printing.js";
import * as refused from "./refused.js";
import * as signedOut from "./signed-out.js";
import * as timers from "./timers.js";
import * as toasts from "./toasts.js";
import * as told from "./told.js";

function signRequests() {
  document.addEventListener("htmx:config:request", (event) => {
    const { request, sourceEvent } = event.detail.ctx;
    Object.assign(request.headers, FOR_READER, { "X-CSRF-Token": csrfToken() });
    if (sourceEvent?.type === "live") Object.assign(request.headers, BY_ITSELF);
  });
}

function watchConnection() {
  const bar = document.getElementById("offline");
  const show = () => { if (bar) bar.hidden = navigator.onLine; };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}

/** After a swap that asks for it (data-focus on what came in) the focus goes to the heading or the first error. */
function focusAfterSwap() {
  document.addEventListener("htmx:after:settle", (event) => {
    if (!(event.target instanceof Element)) return;
    const wrong = event.target.querySelector("[aria-invalid=true]");
    const wanted = wrong ?? event.target.querySelector("[data-focus]");
    wanted?.focus();
  });
}

keyboard.listen();
signRequests();
watchConnection();
focusAfterSwap();
for (const module of [signedOut, failures, dialogs, palette, lists, refused, forms, drafts, toasts, notify, live, openings, printing, told]) module.start();
onContent(lookup.arm);
onContent(boards.arm);
onContent(follows.arm);
onContent(ordering.arm);
onContent(planner.arm);
onContent(printing.arm);
timers.start();
