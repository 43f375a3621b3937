// A plan of lanes by time, drawn by EventCalendar, where a page loads it, from the table that says the same.
//
//   [data-planner]          around everything; it gets class "drawn" while the calendar stands in the table's place
//   #plan                   holds the table: tbody[data-lane] is a lane, tr[data-start] a stretch of it
//   a[data-queued=id]       a card that waits for a time; Enter asks for windows, dragging puts it somewhere
//   [data-propose=id]       asks for windows as well
//   button[data-window]     a window that is proposed; the calendar shows where it would be
//
// Where something is put is posted to data-place; the server decides, and says in #windows why it was not done.
// Times are those of the clock at the workshop, without a zone: only the server knows on which nights it is put forward
// or back there. data-offset, what that clock is ahead of UTC now, is for the line that stands for the present.

import { arrived, fetchFragment, post, whyNot } from "./page.js";
import { say } from "./toasts.js";

const ADDRESS_OF = "/0/"; // stands in addresses where the number goes
const LANE_WIDTH = "112px"; // of a phone: three lanes at a time
const LABELS = 196; // px: the names of the lanes
const QUARTER = 15; // minutes
const narrow = matchMedia("(max-width: 767px)");

let calendar = null;
let ghost = null;
let drawn = "";

const plan = () => document.getElementById("plan");
const whatIsSaid = () => `${narrow.matches} ${plan().outerHTML}`;
const byMaster = () => plan().dataset.view === "masters";

/** Draw the plan that is on the page, or what it has become. */
export function arm(root) {
  const page = document.querySelector("[data-planner]");
  if (!page || !(root === document || page.contains(root) || root.contains(page))) return;
  const place = document.getElementById("calendar");
  page.classList.toggle("drawn", Boolean(window.EventCalendar) && !("off" in place.dataset));
  if (!page.classList.contains("drawn")) {
    if (!window.EventCalendar && document.readyState !== "complete") addEventListener("load", () => arm(root), { once: true });
    return;
  }
  if (calendar) redraw();
  else begin(page, place);
}

function begin(page, place) {
  drawn = whatIsSaid();
  calendar = window.EventCalendar.create(place, { ...look(place), resources: lanes(), events: events() });
  place.setAttribute("role", "group");
  narrow.addEventListener("change", redraw);
  page.addEventListener("click", asked);
  page.addEventListener("keydown", keyed);
  page.addEventListener("focusin", shown);
  page.addEventListener("dragstart", lifted);
  page.addEventListener("dragend", () => { ghost = null; });
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", dropped);
  plain(place);
}

/** Only what has changed is drawn again: whoever is on a card stays there. */
function redraw() {
  if (whatIsSaid() === drawn) return;
  drawn = whatIsSaid();
  const focused = document.activeElement?.closest?.("#calendar [data-event]")?.dataset.event;
  const place = document.getElementById("calendar");
  for (const [name, value] of Object.entries(look(place))) calendar.setOption(name, value);
  calendar.setOption("resources", lanes());
  calendar.setOption("events", events());
  plain(place);
  if (focused) requestAnimationFrame(() => refocus(place, focused));
}

function refocus(place, id) {
  if (document.activeElement === document.body) place.querySelector(`[data-event="${id}"]`)?.focus();
}

function look(place) {
  const { view, day, opens, closes, offset } = plan().dataset;
  const week = view === "week";
  const slots = week ? 7 : 2 * (closes - opens);
  return {
    view: week ? "resourceTimelineMonth" : narrow.matches ? "resourceTimeGridDay" : "resourceTimelineDay",
    date: day,
    locale: document.documentElement.lang,
    timeZone: offset,
    firstDay: 1,
    height: "100%",
    headerToolbar: { start: "", center: "", end: "" },
    slotMinTime: week ? "00:00" : `${opens}:00`,
    slotMaxTime: week ? "24:00" : `${closes}:00`,
    duration: week ? { weeks: 1 } : { days: 1 },
    slotDuration: week ? { days: 1 } : "00:30",
    snapDuration: week ? { days: 1 } : "00:15",
    slotWidth: Math.max(week ? 96 : 32, Math.floor((place.parentElement.clientWidth - LABELS) / slots)),
    slotHeight: 30,
    columnWidth: narrow.matches ? LANE_WIDTH : undefined,
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    nowIndicator: true,
    editable: true,
    eventDurationEditable: !week,
    allDaySlot: false,
    longPressDelay: 300,
    resourceLabelContent: ({ resource }) => ({ html: resource.extendedProps.label }),
    eventContent: ({ event }) => ({ domNodes: [card(event)] }),
    eventDrop: moved,
    eventResize: resized,
    eventDidMount: ({ el }) => { el.removeAttribute("role"); el.removeAttribute("tabindex"); },
    eventAllUpdated: () => plain(place),
    resourceLabelDidMount: () => plain(place),
  };
}

function lanes() {
  return [...plan().querySelectorAll("tbody[data-lane]")].map((lane) => ({
    id: lane.dataset.lane,
    title: lane.querySelector(".strong").textContent,
    extendedProps: { label: lane.querySelector("th").innerHTML },
  }));
}

function events() {
  const rows = [...plan().querySelectorAll("tr[data-start]")].map(eventOf);
  return ghost ? [...rows, ghost] : rows;
}

function eventOf(row) {
  const [when, number, client, vehicle, reason] = [...row.cells].map((cell) => cell.textContent);
  const time = plan().dataset.view === "week" ? when.split(" ").pop() : when; // the day stands above
  const { id, version, start, end, look: kind, movable } = row.dataset;
  return {
    id: id ?? `taken ${start} ${row.parentElement.dataset.lane}`,
    resourceId: row.parentElement.dataset.lane,
    start,
    end: end > start ? end : later(start), // an hour that comes twice may end before it begins
    title: client ?? number,
    editable: movable !== undefined,
    backgroundColor: "transparent",
    extendedProps: {
      version,
      kind,
      // An hour of a narrow column holds few letters: first who it is, then what is done, the rest is told aside.
      lines: id ? [client, reason || vehicle, time] : [number, time],
      whole: (id ? [client, vehicle, reason, time, number] : [number, time]).filter(Boolean).join(" · "),
      href: row.querySelector("a")?.href,
      trouble: row.querySelector(".ink-bad")?.textContent,
    },
  };
}

function card({ id, extendedProps: { kind, lines, whole, href, trouble } }) {
  const drawn = document.createElement(href ? "a" : "div");
  drawn.className = `ev ev-${kind}`;
  if (href) drawn.href = href;
  drawn.draggable = false;
  drawn.title = [whole, trouble].filter(Boolean).join(" · ");
  drawn.dataset.event = id;
  for (const [number, line] of [...lines, trouble].filter(Boolean).entries()) {
    drawn.append(Object.assign(document.createElement(number ? "span" : "b"), { textContent: line }));
  }
  return drawn;
}

/** The calendar marks its layout as a grid that is none: the links inside are what can be used. */
function plain(place) {
  requestAnimationFrame(() => {
    for (const element of place.querySelectorAll("[role]:not(svg), [aria-colindex], [aria-rowindex]")) {
      for (const name of ["role", "aria-colindex", "aria-rowindex", "aria-rowspan", "aria-colspan"]) element.removeAttribute(name);
    }
  });
}

// --- windows that are proposed -------------------------------------------------------------------

const addressOf = (kind, id) => plan().dataset[kind].replace(ADDRESS_OF, `/${id}/`);

function asked(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const wanted = event.target.closest?.("[data-queued], [data-propose]");
  if (!wanted) return;
  event.preventDefault();
  propose(wanted.dataset.queued ?? wanted.dataset.propose);
}

async function propose(id) {
  for (const each of document.querySelectorAll("[data-queued]")) each.toggleAttribute("aria-current", each.dataset.queued === id);
  try {
    put(await fetchFragment(addressOf("windows", id)));
  } catch (refused) {
    say(whyNot(refused));
  }
}

function put(fragment) {
  const place = document.getElementById("windows");
  place.replaceChildren(fragment);
  arrived(place);
  (place.querySelector("[name=confirmed]") ?? place.querySelector("[data-window]"))?.focus();
}

function clear() {
  const id = document.querySelector("[data-proposed]")?.dataset.proposed;
  document.getElementById("windows").replaceChildren();
  show(null);
  document.querySelector(`[data-queued="${id}"], [data-event="${id}"]`)?.focus();
}

/** The window whose button has the focus stands in the plan, dashed. */
function shown({ target }) {
  const button = target.closest?.("[data-window]");
  if (!button && !ghost) return;
  show(button && {
    id: "ghost",
    resourceId: byMaster() ? button.dataset.mechanic : button.dataset.bay,
    start: button.dataset.start,
    end: button.dataset.end,
    editable: false,
    backgroundColor: "transparent",
    extendedProps: { kind: "acc ghost", lines: [button.textContent.trim()] },
  });
}

function show(next) {
  ghost = next;
  calendar.setOption("events", events());
}

/** What the clock at the workshop shows: the calendar puts it into the fields of the browser's own zone. */
function wallOf(time) {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function later(wall) {
  return new Date(Date.parse(`${wall}Z`) + QUARTER * 60_000).toISOString().slice(0, 19);
}

// --- moving --------------------------------------------------------------------------------------

/** What has not changed is not sent: the same clock may mean two moments, and only the server knows which it was. */
function moved({ event, oldEvent, revert }) {
  const lane = event.resourceIds[0];
  const whither = lane === oldEvent.resourceIds[0] ? {} : byMaster() ? { mechanic_id: lane } : { bay_id: lane };
  const when = event.start.getTime() === oldEvent.start.getTime() ? {} : { starts_at: wallOf(event.start) };
  send(event.id, { version: event.extendedProps.version, ...when, ...whither }, revert);
}

function resized({ event, revert }) {
  send(event.id, { version: event.extendedProps.version, ends_at: wallOf(event.end) }, revert);
}

function lifted({ target, dataTransfer }) {
  const card = target.closest?.("[data-queued]");
  if (card) dataTransfer.setData("text/plain", card.dataset.queued);
}

function dropped(event) {
  event.preventDefault();
  const card = document.querySelector(`[data-queued="${CSS.escape(event.dataTransfer.getData("text/plain"))}"]`);
  const at = calendar.dateFromPoint(event.clientX, event.clientY);
  if (!card || !at?.resource) return;
  const whither = byMaster() ? { mechanic_id: at.resource.id } : { bay_id: at.resource.id };
  send(card.dataset.queued, { version: card.dataset.version, starts_at: wallOf(at.date), ...whither }, () => {});
}

/** Alt and an arrow move what has the focus by a quarter of an hour, or to the lane beside; M asks for windows. */
function keyed(event) {
  if (event.key === "Escape" && document.querySelector("[data-proposed]")) clear();
  const id = event.target.closest?.("#calendar [data-event]")?.dataset.event;
  const own = id && calendar.getEventById(id);
  if (!own?.editable) return;
  if (event.code === "KeyM" && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    propose(id);
  } else if (event.altKey && event.key.startsWith("Arrow")) {
    event.preventDefault();
    step(own, event.key);
  }
}

function step(own, key) {
  const along = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  const by = plan().dataset.view === "week" ? 24 * 60 : QUARTER;
  const every = lanes().map(({ id }) => id);
  const lane = every[every.indexOf(own.resourceIds[0]) + ({ ArrowUp: -1, ArrowDown: 1 }[key] ?? 0)];
  if (!lane) return;
  const start = new Date(own.start);
  start.setMinutes(start.getMinutes() + along * by);
  moved({ event: { ...own, start, resourceIds: [lane] }, oldEvent: own, revert: () => {} });
}

async function send(id, fields, revert) {
  try {
    const response = await post(addressOf("place", id), fields);
    if (!response.ok) {
      revert();
      await refused(response);
    } else {
      document.getElementById("windows").replaceChildren();
      document.querySelector("[data-planner]").dispatchEvent(new CustomEvent("live", { bubbles: true }));
    }
  } catch {
    revert();
    say(whyNot());
  }
}

async function refused(response) {
  const holder = document.createElement("template");
  holder.innerHTML = await response.text();
  if (holder.content.querySelector("[data-proposed]")) put(holder.content);
  else say(holder.content.querySelector(".notice")?.textContent.trim() || whyNot(response));
}
