// Notifications: pop-ups that stay until they are answered, in every tab; sound, title and the system's own notification.
//
//   #toasts                    where pop-ups appear; each is the fragment GET /notifications/<id>/popup
//     [data-note=id]           its root, with data-sound="until_taken|once|silent" and data-page, the address of what it
//                              is about; the title is its .strong. It is hidden on that very page, but heard there too
//     [data-answer]            open | claim | later | hide: the buttons of its form
//   #bell-count, [data-unread] how many wait
//   #sound-on                  the button «Включить звук и уведомления», shown until it was pressed in this browser
//   [data-sound-test]          plays the sound once, shown where scripts run
//   "forecourt:answer"         (F4) opens the newest pop-up

import { announce, BY_ITSELF, fetchFragment, post } from "./page.js";
import { isLeader, reportState, tellTabs } from "./live.js";

const AGAIN = 30_000; // ms between two sounds while nobody answers
const AT_ONCE = 3; // pop-ups on the screen; the rest wait under the bell
const ALERTS = "fc-alerts";
const HIDDEN = "fc-hidden-notes";
const SOUNDED = "fc-sounded";

const system = new Map();
const unheard = new Set(); // told of by an event and not sounded yet
let ringing = false; // whether one that nobody has answered sounds until it is taken, on the screen or under the bell
let place = null;
let pageTitle = "";
let behind = false;
let checking = 0;

/** Watch for notifications; called once by app.js, before live.start(). */
export function start() {
  place = document.getElementById("toasts");
  if (!place) return;
  pageTitle = document.title;
  document.addEventListener("fc:notification.created", ({ detail }) => created(detail.notification));
  for (const topic of ["notification.closed", "notification.snoozed"]) {
    document.addEventListener(`fc:${topic}`, ({ detail }) => { remove(detail.notification); checkSoon(); });
  }
  document.addEventListener("fc:resync", checkSoon);
  document.addEventListener("fc:told", ({ detail }) => told(detail));
  document.addEventListener("fc:leader", ({ detail }) => { if (detail.leader && behind) checkSoon(); });
  document.addEventListener("visibilitychange", looked);
  document.addEventListener("forecourt:answer", answerNewest);
  place.addEventListener("submit", submitted);
  place.addEventListener("click", hideClicked);
  setInterval(soundAgain, 1_000);
  armAlerts();
  armTests();
  checkSoon();
}

// --- which there are -----------------------------------------------------------------------

/** A tab nobody looks at fetches nothing, unless it is the one that makes the sounds. */
const asleep = () => document.hidden && !isLeader();

const popups = () => [...place.querySelectorAll("[data-note]")];
const seen = () => popups().filter((note) => !note.hidden);
const popup = (id) => place.querySelector(`[data-note="${Number(id)}"]`);

async function created(id) {
  checkSoon();
  if (asleep()) return;
  unheard.add(Number(id));
  await show(id);
}

/** Put a pop-up on the screen, unless it was hidden here or has ended meanwhile; a new one is heard even where it has no room. */
async function show(id) {
  if (hiddenNotes().includes(Number(id))) return;
  const note = popup(id) ?? (await fetchNote(id));
  if (!note) return;
  if (!popup(id)) put(note);
  if (unheard.delete(Number(id)) && isLeader()) alertFor(note);
}

async function fetchNote(id) {
  try {
    return (await fetchFragment(`/notifications/${Number(id)}/popup`, { headers: BY_ITSELF })).querySelector("[data-note]");
  } catch {
    return null; // it has ended, or the next comparison with the server brings it
  }
}

function put(note) {
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

function remove(id) {
  popup(id)?.remove();
  unheard.delete(Number(id));
  system.get(Number(id))?.close();
  system.delete(Number(id));
  retitle();
}

function checkSoon() {
  behind = true;
  if (!asleep()) checking ||= setTimeout(check, 300);
}

/** Compare with the server: the counter, the pop-ups that have ended, those of before the page was loaded. */
async function check() {
  checking = 0;
  behind = false;
  let list = null;
  try {
    list = await fetchFragment("/notifications", { headers: BY_ITSELF });
  } catch {
    behind = true;
    return;
  }
  const rows = [...list.querySelectorAll("form[action^='/notifications/']")];
  const idOf = (row) => Number(row.getAttribute("action").split("/")[2]);
  const all = new Set(rows.map(idOf));
  for (const note of popups()) if (!all.has(Number(note.dataset.note))) remove(note.dataset.note);
  keepHidden(hiddenNotes().filter((id) => all.has(id)));
  count(all.size);
  const hidden = hiddenNotes();
  const unanswered = rows.filter((row) => row.classList.contains("new") && !hidden.includes(idOf(row)));
  ringing = unanswered.some((row) => row.dataset.sound === "until_taken");
  for (const row of unanswered.slice(0, AT_ONCE).reverse()) await show(idOf(row));
}

function count(number) {
  for (const element of document.querySelectorAll("#bell-count, [data-unread]")) {
    element.textContent = number;
    element.hidden = number === 0;
  }
}

function looked() {
  reportState({ audible: audible() });
  if (!document.hidden && behind) checkSoon();
}

// --- answering -----------------------------------------------------------------------------

function answerNewest(event) {
  const button = seen().at(-1)?.querySelector("[data-answer=open]");
  if (!button) return;
  event.preventDefault();
  button.click();
}

/** «Later» answers with data, so it is sent from here; the others lead to a page and are plain form posts. */
async function submitted(event) {
  const note = event.target.closest("[data-note]");
  const answer = event.submitter?.dataset.answer;
  if (!note || !answer) return;
  if (answer === "later") {
    event.preventDefault();
    const response = await post(event.submitter.formAction, {}).catch(() => null);
    if (!response?.ok) return;
  }
  answered(note.dataset.note);
}

function hideClicked(event) {
  const note = event.target.closest("[data-answer=hide]")?.closest("[data-note]");
  if (!note) return;
  keepHidden([...hiddenNotes(), Number(note.dataset.note)]);
  answered(note.dataset.note);
  checkSoon(); // for the next one that waits
}

function answered(id) {
  // After the browser has taken the form: a form outside the page is not sent.
  setTimeout(() => remove(id));
  tellTabs({ answered: Number(id) });
}

function told({ answered: id, title }) {
  if (id) remove(id);
  if (hiddenNotes().includes(id)) checkSoon();
  if (title !== undefined && asleep()) document.title = title || pageTitle;
}

const hiddenNotes = () => kept(HIDDEN, []);
const keepHidden = (ids) => keep(HIDDEN, ids);

function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch { /* a private window: known until the next page */ }
}

// --- title, sound, the system's notification -----------------------------------------------

const titleOf = (note) => note.querySelector(".strong")?.textContent.trim() ?? "";

function retitle() {
  const notes = popups();
  const newest = notes.at(-1);
  document.title = newest ? `(${notes.length}) ${titleOf(newest)}` : pageTitle;
  if (isLeader()) tellTabs({ title: newest ? document.title : "" });
}

function alertFor(note) {
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

function soundAgain() {
  if (ringing && isLeader() && Date.now() - Number(kept(SOUNDED, 0)) >= AGAIN) beep();
}

// One for the page, made at the first gesture: browsers refuse sound before.
const sounds = { context: null };
const audible = () => sounds.context?.state === "running";

/** The sound of a pop-up; nothing where sound has not been allowed. */
function beep() {
  if (!audible()) return;
  keep(SOUNDED, Date.now()); // for the next page too
  play();
}

/** Two short tones. */
function play() {
  const { context } = sounds;
  for (const [pitch, delay] of [[880, 0], [1174.7, 0.18]]) {
    const [tone, volume, from] = [context.createOscillator(), context.createGain(), context.currentTime + delay];
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, from);
    volume.gain.exponentialRampToValueAtTime(0.4, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.17);
  }
}

async function allowSound() {
  sounds.context ??= new AudioContext();
  await sounds.context.resume();
  reportState({ audible: audible() });
}

/** The buttons that let somebody hear it; a real pop-up sounds in its own time all the same. */
function armTests() {
  for (const button of document.querySelectorAll("[data-sound-test]")) {
    button.hidden = false;
    button.addEventListener("click", async () => { await allowSound(); play(); });
  }
}

function armAlerts() {
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
