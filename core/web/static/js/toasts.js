// Short words at the bottom right, usually with «undo». They leave by themselves, but not while somebody looks at them.

import { announce } from "./page.js";

const SECONDS = 10;

/** Arm what the page came with and whatever answers put into #toasts. */
export function start() {
  const place = document.getElementById("toasts");
  if (!place) return;
  const armAll = () => place.querySelectorAll("[data-toast]:not([data-armed])").forEach(arm);
  new MutationObserver(armAll).observe(place, { childList: true });
  armAll();
}

/** Say short words there that no answer has drawn. */
export function say(words, kind = "warn") {
  const toast = document.createElement("div");
  const inner = toast.appendChild(document.createElement("div"));
  const place = inner.appendChild(document.createElement("div"));
  toast.className = "toastfc short";
  toast.dataset.toast = String(SECONDS);
  inner.className = `in ${kind}`;
  place.className = "grow";
  place.dataset.toastText = "";
  place.textContent = words;
  document.getElementById("toasts")?.append(toast);
}

function arm(toast) {
  toast.dataset.armed = "";
  announce(toast.querySelector("[data-toast-text]")?.textContent ?? "");
  const left = Number(toast.dataset.toast || SECONDS) * 1000;
  let timer = 0;
  const wait = () => { timer = left ? setTimeout(() => toast.remove(), left) : 0; };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", wait);
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
  wait();
}
