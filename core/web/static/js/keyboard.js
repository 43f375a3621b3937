// The keyboard map. Elements name their key in data-key ("Ctrl+Enter", "Alt+3", "T", "?"); several are separated by spaces.
// Keys are matched by their place on the keyboard (event.code), so they work in the Russian layout too.
//
//   data-key-scope="selector"  the key counts only while the focus is inside the closest such ancestor
//   data-key-unseen            the key counts also where the element is not drawn, as on a phone
//   1…9 on a radio         chooses the radio of that number, where nothing else answers the digit
//   data-go="KeyR"             «G then R» follows this link
//   <html data-letter-keys="off">  single keys are switched off (WCAG 2.1.4)

import { takesText, usable } from "./page.js";

const NAMES = {
  Slash: "/", Escape: "Esc", Insert: "Ins", Delete: "Del", NumpadEnter: "Enter",
  ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "Left", ArrowRight: "Right", NumpadAdd: "+",
};
const GO_WAIT = 1200;
const TWICE_WAIT = 900;
const handlers = [];
let waitingForGo = 0;
let lastEscape = -Infinity;

/** The key of an event as data-key writes it: modifiers in the order Ctrl, Alt, Shift. */
export function keyOf(event) {
  if (event.key === "?") return "?";
  const code = event.code;
  const name = NAMES[code] ?? code.replace(/^(Key|Digit|Numpad)(?=.$)/, "");
  const mods = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey ? "Shift" : ""];
  const key = [...mods.filter(Boolean), name].join("+");
  return key === "Shift+/" ? "?" : key;
}

/** Offer every key to a module before data-key is looked at; it returns true when it took the key. */
export function onKey(handler) {
  handlers.push(handler);
}

/** Do what an element is for: press a button, follow a link, choose a radio, or put the focus into it. */
export function activate(element) {
  if (element.matches("input[type=radio], input[type=checkbox]")) {
    element.focus();
    element.click();
  } else if (element.matches("a, button, summary, input[type=submit], input[type=reset]")) {
    element.click();
  } else {
    const target = element.matches("input, textarea, select, [tabindex]") ? element : firstWithin(element);
    target?.focus();
    if (target?.matches("input[type=text], input:not([type])")) target.select();
  }
}

/** What of a block gets the focus: the choice that is made, else the first of the choices, else the first of anything. */
function firstWithin(block) {
  const wanted = ["input[type=radio]:checked", "input[type=radio]:not(:disabled)", "input:not([type=hidden]), textarea, select, button, a, [tabindex='0']"];
  return wanted.map((each) => block.querySelector(each)).find(Boolean);
}

function isSingle(key) {
  return !/^(Ctrl|Alt)\+/.test(key) && !/^(Shift\+)?F\d+$/.test(key) && !/^(Shift\+)?Esc$/.test(key);
}

function inScope(element) {
  const scope = element.dataset.keyScope;
  return !scope || Boolean(element.closest(scope)?.contains(document.activeElement));
}

/** The element that answers a key now: one with a scope before one without, one of the focused form before the rest. */
function answering(key) {
  const dialog = document.querySelector("dialog[open]:modal");
  const within = dialog ?? document;
  const form = document.activeElement?.closest?.("form");
  const found = [...within.querySelectorAll("[data-key]")].filter(
    (element) => element.dataset.key.split(" ").includes(key) && inScope(element) && ready(element),
  );
  const weight = (element) => (element.dataset.keyScope ? 2 : 0) + (form?.contains(element) ? 1 : 0);
  return found.sort((one, other) => weight(other) - weight(one))[0];
}

const ready = (element) => "keyUnseen" in element.dataset || usable(keyTarget(element));

/** Radios of a strip are drawn as their labels, so it is the label that must be visible. */
function keyTarget(element) {
  return element.matches("input[type=radio], input[type=checkbox]") && !element.disabled ? element.closest("label") ?? element : element;
}

function go(event) {
  const link = document.querySelector(`a[data-go="${CSS.escape(event.code)}"]`);
  waitingForGo = 0;
  link?.click();
  return Boolean(link);
}

/** Whether the browser itself closes a dialog or a sheet now; then it is no first of two presses. */
function closesSomething() {
  const closes = Boolean(document.querySelector("dialog[open], :popover-open"));
  if (closes) lastEscape = -Infinity;
  return closes;
}

function escapedTwice(event) {
  const twice = event.timeStamp - lastEscape < TWICE_WAIT;
  lastEscape = twice ? -Infinity : event.timeStamp;
  return twice;
}

function run(event) {
  const key = keyOf(event);
  const typing = takesText(event.target);
  const lettersOff = document.documentElement.dataset.letterKeys === "off";
  if (isSingle(key) && (typing || (lettersOff && key.replace("Shift+", "").length === 1))) return false;
  if (waitingForGo && event.timeStamp - waitingForGo < GO_WAIT && isSingle(key) && go(event)) return true;
  waitingForGo = 0;
  if (handlers.some((handler) => handler(key, event))) return true;
  if (key === "Esc" && closesSomething()) return false;
  if (key === "Esc" && escapedTwice(event)) return press("Esc+Esc");
  if (key === "F4") return press("F4") || !document.dispatchEvent(new CustomEvent("forecourt:answer", { cancelable: true }));
  if (key === "G") {
    waitingForGo = event.timeStamp;
    return true;
  }
  return press(key) || choose(key);
}

/** A digit on a radio: the choice of that number among those that are drawn. */
function choose(digit) {
  const focused = document.activeElement;
  if (!/^[1-9]$/.test(digit) || !focused?.matches("input[type=radio]")) return false;
  const choices = [...(focused.closest("fieldset, .fld, form") ?? document).querySelectorAll("input[type=radio]")].filter(
    (radio) => radio.name === focused.name && !radio.disabled && usable(keyTarget(radio)),
  );
  const chosen = choices[Number(digit) - 1];
  if (chosen) activate(chosen);
  return Boolean(chosen);
}

function press(key) {
  const element = answering(key);
  if (element) activate(element);
  return Boolean(element);
}

/** One that closed a list of answers is the first of two presses: the field it belongs to is a part of what they clear. */
function noteEscape(event) {
  if (event.code === "Escape") lastEscape = event.timeStamp;
}

/** Start listening; called once by app.js. */
export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.defaultPrevented) return noteEscape(event);
    if (run(event)) event.preventDefault();
  });
}
