// Never lose what was typed: forms with data-draft="<key>" are kept on the server while somebody writes.
// The server forgets the draft itself when the form is saved.

import { clock, debounced, onContent, post, text } from "./page.js";

const DELAY = 600;
const NOT_KEPT = new Set(["csrf_token", "once", "password", "code"]);

/** The fields of a form that are worth keeping, in their order. */
export function fieldsOf(form) {
  const secret = new Set([...form.querySelectorAll("input[type=password]")].map((input) => input.name));
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name) && !secret.has(name));
}

/** Keep the forms of the page. */
export function start() {
  onContent((root) => {
    for (const form of root.querySelectorAll("form[data-draft]:not([data-draft-armed])")) {
      form.dataset.draftArmed = "";
      new Draft(form).start();
    }
  });
}

class Draft {
  constructor(form) {
    this.form = form;
    this.url = `/drafts/${encodeURIComponent(form.dataset.draft)}`;
    this.save = debounced(() => this.send(), DELAY);
    this.done = false;
    this.ahead = false; // whether something was typed that is not kept yet
    this.sending = null;
  }

  start() {
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("change", () => this.changed());
    this.form.addEventListener("submit", () => this.submitted());
    this.form.addEventListener("forecourt:again", () => { this.done = false; });
    // A page may be thrown away right after it is hidden: what waits is sent now, by a request that outlives it.
    addEventListener("pagehide", () => this.save.now({ keepalive: true }));
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.save.now({ keepalive: true }); });
    const again = () => { if (this.ahead) this.changed(); };
    addEventListener("online", again);
    document.addEventListener("forecourt:signed-in", again);
  }

  changed() {
    this.ahead = true;
    if (!this.done) this.save();
  }

  /** What is on its way must not arrive after the form itself, or the draft would outlive what it was for. */
  submitted() {
    this.done = true;
    this.save.stop();
    this.sending?.abort();
  }

  async send(options = {}) {
    this.sending?.abort();
    const { signal } = (this.sending = new AbortController());
    // With the form's one-time key: once that was carried out, the server keeps nothing for it.
    const once = this.form.querySelector("input[name=once]")?.value;
    try {
      this.ahead = false;
      const response = await post(this.url, [...fieldsOf(this.form), ...(once ? [["once", once]] : [])], { ...options, signal });
      if (!response.ok) throw new Error(String(response.status));
      this.form.dataset.kept = "";
      this.say(text("draftSaved", { time: clock(new Date()) }));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.ahead = true;
      delete this.form.dataset.kept;
      this.say(text("draftFailed"));
    }
  }

  say(words) {
    const place = this.form.querySelector("[data-draft-note]") ?? document.querySelector(`[data-draft-note="${CSS.escape(this.form.id)}"]`);
    if (place) place.textContent = words;
  }
}

