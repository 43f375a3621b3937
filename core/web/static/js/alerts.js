// How a new pop-up calls: the sound, the system's own notification, and the buttons that allow both.
//
//   #sound-on             the button «Включить звук и уведомления», shown until it was pressed in this browser
//   [data-sound-test]     plays the sound once, shown where scripts run

import { popup, titleOf } from "./notes.js";
import { allowSound, beep, play } from "./sounds.js";
import { keep, kept } from "./storage.js";

const ALERTS = "fc-alerts";

const system = new Map();

/** Arm the buttons. */
export function start() {
  armButtons();
  armTests();
}

/** Let a pop-up be heard, and seen by whoever looks at another program. */
export function alertFor(note) {
  if (note.dataset.sound === "silent") return;
  beep();
  if (document.hidden && window.Notification?.permission === "granted") showSystem(note);
}

function showSystem(note) {
  const id = Number(note.dataset.note);
  const body = note.querySelector(".muted")?.textContent.trim() ?? "";
  const shown = new Notification(titleOf(note), { body, tag: `fc-${id}`, requireInteraction: true });
  shown.onclick = () => {
    window.focus();
    popup(id)?.querySelector("[data-answer=open]")?.click();
  };
  system.set(id, shown);
}

/** It has ended. */
export function closeSystem(id) {
  system.get(id)?.close();
  system.delete(id);
}

/** The buttons that let somebody hear it; a real pop-up sounds in its own time all the same. */
function armTests() {
  for (const button of document.querySelectorAll("[data-sound-test]")) {
    button.hidden = false;
    button.addEventListener("click", async () => { await allowSound(); play(); });
  }
}

function armButtons() {
  const buttons = document.querySelectorAll("#sound-on");
  const on = () => kept(ALERTS, false);
  const show = () => buttons.forEach((button) => { button.hidden = on(); });
  const press = async () => {
    await allowSound();
    beep();
    if (window.Notification?.permission === "default") await Notification.requestPermission();
    keep(ALERTS, true);
    show();
  };
  buttons.forEach((button) => button.addEventListener("click", press));
  show();
  if (!on()) return;
  // Allowed before: any key or click on this page is enough for the browser, and some need none.
  allowSound().catch(() => {});
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => allowSound(), { once: true, capture: true });
}
