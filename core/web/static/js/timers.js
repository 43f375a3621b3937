// Spans that go on counting: <span class="timer" data-since="ISO time" data-warn="300" data-bad="600">.
// Never announced: a screen reader would speak every second.

const KINDS = ["ok", "warn", "bad"];

/** A span as a clock shows it: 3:07, 1:02:45; the same as the server's filter. */
export function clockForm(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function tick() {
  for (const timer of document.querySelectorAll("[data-since]")) {
    const seconds = (Date.now() - Date.parse(timer.dataset.since)) / 1000;
    timer.textContent = clockForm(seconds);
    colour(timer, seconds);
  }
}

function colour(timer, seconds) {
  const { warn, bad } = timer.dataset;
  if (!warn && !bad) return;
  const kind = bad && seconds >= Number(bad) ? "bad" : warn && seconds >= Number(warn) ? "warn" : "ok";
  for (const one of KINDS) timer.classList.toggle(`ink-${one}`, one === kind);
}

/** Count on, once a second, while the page is looked at. */
export function start() {
  setInterval(() => { if (!document.hidden) tick(); }, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
}
