// An answer that is not the part of the page that was asked for never takes its place: the page stays as it is, with all
// that is typed in it, and what the answer says is said in a toast. A form that sends to #refused shows it there.

import { text } from "./page.js";
import { say } from "./toasts.js";

/** What views draw themselves when they refuse something: the part with its errors. */
const DRAWN = new Set([409, 422]);

/** Listen; htmx goes on to put an answer into the page only if nobody has stopped it here. */
export function start() {
  document.addEventListener("htmx:after:request", (event) => {
    const { response, target, text: body, sourceEvent } = event.detail.ctx;
    if (response.status < 400 || response.status === 401) return;
    const failure = failureIn(body);
    if (failure ? target?.id === "refused" : DRAWN.has(response.status)) return;
    event.preventDefault();
    // What moves by itself is asked for again at the next event.
    if (sourceEvent?.type !== "live") say(failure || text("noAnswer"), "bad");
  });
}

/** The words of errors/fragment.html; nothing in any other answer. */
function failureIn(body) {
  const holder = document.createElement("template");
  holder.innerHTML = body;
  return [...(holder.content.querySelector("[data-failure]")?.querySelectorAll("[data-words]") ?? [])]
    .map((each) => each.textContent.trim()).join(" ");
}
