// Notifications: pop-ups that stay until they are answered, in every tab. notes.js has them on the screen, alerts.js lets them call.
//
//   #toasts                    where pop-ups appear; each is the fragment GET /notifications/<id>/popup
//     [data-note=id]           its root, with data-sound="until_taken|once|silent" and data-page, the address of what it
//                              is about; the title is its .strong. It is hidden on that very page, but heard there too
//     [data-answer]            open | claim | later | hide: the buttons of its form
//   #bell-count, [data-unread] how many wait
//   "forecourt:answer"         (F4) opens the newest pop-up, where nothing on the page has that key

import * as alerts from "./alerts.js";
import { isLeader, reportState, tellTabs } from "./live.js";
import { BY_ITSELF, fetchFragment, post } from "./page.js";
import { AT_ONCE, popup, popups, put, seen, showTitle, start as findPlace, takeOff } from "./notes.js";
import { audible, beepAgain } from "./sounds.js";
import { keep, kept } from "./storage.js";

const HIDDEN = "fc-hidden-notes";

const unheard = new Set(); // told of by an event and not sounded yet
let ringing = false; // whether one that nobody has answered sounds until it is taken, on the screen or under the bell
let behind = false;
let checking = 0;

/** Watch for notifications; called once by app.js, before live.start(). */
export function start() {
  const place = findPlace();
  if (!place) return;
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
  setInterval(() => { if (ringing && isLeader()) beepAgain(); }, 1_000);
  alerts.start();
  checkSoon();
}

// --- which there are -----------------------------------------------------------------------

/** A tab nobody looks at fetches nothing, unless it is the one that makes the sounds. */
const asleep = () => document.hidden && !isLeader();

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
  if (unheard.delete(Number(id)) && isLeader()) alerts.alertFor(note);
}

async function fetchNote(id) {
  try {
    return (await fetchFragment(`/notifications/${Number(id)}/popup`, { headers: BY_ITSELF })).querySelector("[data-note]");
  } catch {
    return null; // it has ended, or the next comparison with the server brings it
  }
}

function remove(id) {
  unheard.delete(Number(id));
  alerts.closeSystem(Number(id));
  takeOff(id);
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
  if (title !== undefined && asleep()) showTitle(title);
}

const hiddenNotes = () => kept(HIDDEN, []);
const keepHidden = (ids) => keep(HIDDEN, ids);
