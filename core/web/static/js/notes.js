// The pop-ups on the screen, and the title of the page that counts them.

import { isLeader, tellTabs } from "./live.js";
import { announce } from "./page.js";

/** How many are on the screen; the rest wait under the bell. */
export const AT_ONCE = 3;

let place = null;
let pageTitle = "";

/** Where they appear; nothing on a page without them. */
export function start() {
  place = document.getElementById("toasts");
  pageTitle = document.title;
  return place;
}

/** All of the page, the newest last. */
export const popups = () => [...place.querySelectorAll("[data-note]")];

/** Those that are not hidden because the page itself is what they are about. */
export const seen = () => popups().filter((note) => !note.hidden);

export const popup = (id) => place.querySelector(`[data-note="${Number(id)}"]`);

export const titleOf = (note) => note.querySelector(".strong")?.textContent.trim() ?? "";

/** Put one on the screen; the oldest makes room. */
export function put(note) {
  // The newest stays last, in whatever order the answers arrive.
  const next = popups().find((other) => Number(other.dataset.note) > Number(note.dataset.note));
  place.insertBefore(note, next ?? null);
  note.hidden = isAbout(note);
  seen().slice(0, -AT_ONCE).forEach((oldest) => oldest.remove());
  if (note.isConnected && !note.hidden) announce(titleOf(note));
  retitle();
}

/** Whether this page, or the one it is a part of, is what the pop-up would open. */
const isAbout = ({ dataset }) => Boolean(dataset.page) && `${location.pathname}/`.startsWith(`${dataset.page}/`);

/** Take one off the screen. */
export function takeOff(id) {
  popup(id)?.remove();
  retitle();
}

function retitle() {
  const notes = popups();
  const newest = notes.at(-1);
  document.title = newest ? `(${notes.length}) ${titleOf(newest)}` : pageTitle;
  if (isLeader()) tellTabs({ title: newest ? document.title : "" });
}

/** What another tab has in its title, where this one keeps no pop-ups of its own; "" is the page's. */
export function showTitle(title) {
  document.title = title || pageTitle;
}
