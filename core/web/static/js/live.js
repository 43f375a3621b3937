// Live events in a page.
//
//   document "fc:<topic>"           each event, its ids in detail; also "fc:resync", "fc:offline", "fc:online"
//   data-live="topic other.topic"   the element fetches itself anew when one of these happens
//   data-live-url="/…"              from here, into the element; without it the element gets a "live" event
//   data-live-id="7"                only when the event names this id
//   data-live-now           it fetches itself as soon as the page is there
//   data-live-at-once       it does not rest between two fetches
//   data-live-include="#form"       the fields of this form go along

import { Channel } from "./live-worker.js";
import { BY_ITSELF, FOR_READER, heard } from "./page.js";
import { keep, kept } from "./storage.js";

const STREAM = "/live";
const GATHER = 150; // ms in which events for one element count as one
const REST = 1_000; // ms from one fetch of an element to its next: a busy day changes a list many times a second
const FRESH = 60_000; // ms in which a page goes on where the one before it left off
const SECRET = new Set(["csrf_token", "once", "password"]);

const waiting = new Map();
const fetched = new WeakMap();
const stale = new Set();
let toWorker = () => {};
let leading = false;

/** Whether this tab makes the sounds and the system's notifications for all tabs. */
export const isLeader = () => leading;

/** Say something to the other tabs; they get it as "fc:told" with the message in detail. */
export function tellTabs(message) {
  toWorker({ type: "tell", message });
}

/** Tell the worker what this tab can do; `audible` is whether it may make sounds. */
export function reportState({ audible }) {
  toWorker({ type: "state", visible: !document.hidden, audible });
}

function announceEvent(name, detail = {}) {
  document.dispatchEvent(new CustomEvent(`fc:${name}`, { detail }));
}

// --- from the worker -----------------------------------------------------------------------

const storageKey = () => `fc-live-${document.body.dataset.user ?? ""}`;

function keepPosition({ position }) {
  keep(storageKey(), { position, at: Date.now() }); // where that is refused, a new page starts at the present
}

function lastPosition() {
  const { position, at } = kept(storageKey(), {});
  return Date.now() - at < FRESH ? position : "";
}

const received = {
  event({ event, position }) {
    if (position) keepPosition({ position });
    announceEvent(event.topic, event);
    for (const element of document.querySelectorAll("[data-live]")) if (concerns(element, event)) refreshSoon(element);
  },
  position: keepPosition,
  online: () => announceEvent("online"),
  offline: () => announceEvent("offline"),
  resync() {
    announceEvent("resync");
    document.querySelectorAll("[data-live]").forEach(refreshSoon);
  },
  leader({ leader }) {
    leading = leader;
    announceEvent("leader", { leader });
  },
  told: ({ message }) => announceEvent("told", message),
};

function receive(message) {
  received[message.type]?.(message);
}

// --- elements that fetch themselves --------------------------------------------------------

function concerns(element, { id: _id, topic, ...ids }) {
  if (!element.dataset.live.split(" ").includes(topic)) return false;
  const wanted = element.dataset.liveId;
  return !wanted || Object.values(ids).some((value) => String(value) === wanted);
}

function refreshSoon(element) {
  if (document.hidden) {
    stale.add(element);
  } else if (!waiting.has(element)) {
    waiting.set(element, setTimeout(() => refresh(element), Math.max(GATHER, restOf(element))));
  }
}

function restOf(element) {
  const since = fetched.get(element);
  return since === undefined || "liveAtOnce" in element.dataset ? 0 : since + REST - performance.now();
}

async function refresh(element) {
  // While it fetches, further events wait for the next round: bursts cost two requests.
  waiting.set(element, 0);
  fetched.set(element, performance.now());
  try {
    if (!element.isConnected) return;
    if (element.dataset.liveUrl) await fetchInto(element);
    else element.dispatchEvent(new CustomEvent("live", { bubbles: true }));
  } catch {
    stale.add(element); // no connection: what it shows is old, and is fetched when the stream is back
  } finally {
    waiting.delete(element);
  }
}

async function fetchInto(element) {
  const url = new URL(element.dataset.liveUrl, location.href);
  for (const [name, value] of included(element)) url.searchParams.append(name, value);
  const again = observeEvents(element);
  const response = heard(await fetch(url, { headers: { "X-Fragment": "1", Accept: "text/html", ...FOR_READER, ...BY_ITSELF } }));
  if (!response.ok || response.redirected) throw new Error(`${response.status} for ${url.pathname}`);
  await window.htmx.swap({ text: await response.text(), target: element, sourceElement: element, swap: "innerMorph" });
  if (again()) setTimeout(() => refreshSoon(element));
}

/** Whether something happened to the element since this call; asked once. */
function observeEvents(element) {
  let happened = false;
  const topics = element.dataset.live.split(" ").map((topic) => `fc:${topic}`);
  const note = ({ detail }) => { happened ||= concerns(element, detail); };
  for (const topic of topics) document.addEventListener(topic, note);
  return () => {
    for (const topic of topics) document.removeEventListener(topic, note);
    return happened;
  };
}

function included(element) {
  const form = element.dataset.liveInclude ? document.querySelector(element.dataset.liveInclude) : null;
  if (!form) return [];
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !SECRET.has(name));
}

function refreshStale() {
  for (const element of stale) refreshSoon(element);
  stale.clear();
}

// --- start ---------------------------------------------------------------------------------

function connectToWorker() {
  const address = new URL("./live-worker.js", import.meta.url);
  address.searchParams.set("stream", STREAM);
  // Somebody else who signs in here gets a worker, and a stream, of his own.
  const worker = new SharedWorker(address, { type: "module", name: storageKey() });
  toWorker = (message) => worker.port.postMessage(message);
  worker.port.onmessage = ({ data }) => receive(data);
  const lock = `${storageKey()}-${crypto.randomUUID?.() ?? Math.random()}`;
  let since = performance.timeOrigin;
  const hello = () => {
    toWorker({ type: "hello", position: lastPosition(), since, lock: navigator.locks ? lock : "" });
    reportState({ audible: false });
  };
  addEventListener("pagehide", () => {
    since = Date.now();
    toWorker({ type: "bye" });
  });
  addEventListener("pageshow", (event) => { if (event.persisted) hello(); });
  // The worker waits for this lock to learn that the tab is gone, so the tab must have it first, and for ever.
  if (navigator.locks) navigator.locks.request(lock, () => { hello(); return new Promise(() => {}); });
  else hello();
}

function connectAlone() {
  const channel = new Channel(new URL(STREAM, location.href), receive);
  channel.position = lastPosition();
  channel.start();
  receive({ type: "leader", leader: true });
}

/** Show the bar while there is no connection, also when the browser itself believes in one. */
function watchConnection() {
  const bar = document.getElementById("offline");
  document.addEventListener("fc:offline", () => { if (bar) bar.hidden = false; });
  document.addEventListener("fc:online", () => {
    if (bar) bar.hidden = true;
    refreshStale();
  });
}

/** Connect; called once by app.js, after the modules that listen have started. */
export function start() {
  if (!document.body.dataset.user) return;
  watchConnection();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshStale(); });
  document.querySelectorAll("[data-live-now]").forEach(refreshSoon);
  if (typeof SharedWorker === "undefined") connectAlone();
  else connectToWorker();
}
