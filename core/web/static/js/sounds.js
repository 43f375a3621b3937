// The sound of a pop-up: one for all tabs, where the browser allows it.

import { reportState } from "./live.js";
import { keep, kept } from "./storage.js";

const AGAIN = 30_000; // ms between two sounds while nobody answers
const SOUNDED = "fc-sounded";

// One for the page, made at the first gesture: browsers refuse sound before.
const sounds = { context: null };

/** Whether this tab may make sounds. */
export const audible = () => sounds.context?.state === "running";

/** Ask the browser for sound; it agrees at a gesture. */
export async function allowSound() {
  sounds.context ??= new AudioContext();
  await sounds.context.resume();
  reportState({ audible: audible() });
}

/** The sound of a pop-up; nothing where sound has not been allowed. */
export function beep() {
  if (!audible()) return;
  keep(SOUNDED, Date.now()); // for the next page too
  play();
}

/** The same for one that has sounded before, in its time. */
export function beepAgain() {
  if (Date.now() - Number(kept(SOUNDED, 0)) >= AGAIN) beep();
}

/** Two short tones. */
export function play() {
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
