// The one event stream of a browser. Runs as a SharedWorker for all tabs; where there is none, live.js runs Channel in the tab.
// (A stream per tab would use up the six connections a browser opens to a server: the seventh tab would never load.)
//
// From a tab:  {type: "hello", position, since, lock}  {type: "state", visible, audible}  {type: "tell", message}  {type: "bye"}
// To a tab:    {type: "event", event, position}  {type: "position", position}  {type: "online"}  {type: "offline"}
//              {type: "resync"}  {type: "leader", leader}  {type: "told", message}

const SILENCE = 20_000; // ms without a sign of life after which the connection is taken for dead; the server beats every 5 s
const PATIENCE = 5_000; // ms a reconnect may take before anybody is told: a server that replaces its workers is back sooner
const LONG = 3_600_000; // ms after which what was missed is not replayed but fetched anew
const REMEMBERED = 2_000;
const RECENT = 500; // events kept for tabs that are just loading
const BACKOFF = [1_000, 2_000, 5_000, 10_000, 30_000];

/** The connection to the server: reopens it for ever, drops what came twice. */
export class Channel {
  #url;
  #tell;
  #source = null;
  #seen = new Set();
  #failures = 0;
  #heard = 0;
  #lostAt = 0;
  #saidOffline = false;
  #reopening = 0;
  #unplaced = false;

  constructor(url, tell) {
    this.#url = url;
    this.#tell = tell;
    this.position = "";
  }

  get offline() {
    return this.#saidOffline;
  }

  start() {
    // Without a place to go on from, what happened between the page and the stream is not known.
    this.#unplaced = !this.position;
    this.#open();
    setInterval(() => this.#watch(), 1_000);
  }

  #open() {
    this.#source?.close();
    this.#reopening = 0;
    this.#heard = Date.now();
    const url = new URL(this.#url);
    // A browser sends Last-Event-ID by itself only when the stream ended, not after a refusal or a fresh start.
    if (this.position) url.searchParams.set("last", this.position);
    const source = new EventSource(url);
    this.#source = source;
    source.onmessage = (message) => this.#receive(message);
    source.addEventListener("beat", (message) => this.#alive(message));
    source.addEventListener("resync", (message) => { this.#alive(message); this.#tell({ type: "resync" }); });
    source.onerror = () => this.#fail();
  }

  #receive(message) {
    this.#alive(message);
    const event = JSON.parse(message.data);
    if (this.#seen.has(event.id)) return;
    this.#seen.add(event.id);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value);
    this.#tell({ type: "event", event, position: this.position });
  }

  #alive(message) {
    const away = this.#lostAt ? Date.now() - this.#lostAt : 0;
    this.#heard = Date.now();
    this.#failures = this.#lostAt = 0;
    if (this.#saidOffline) this.#tell({ type: "online" });
    this.#saidOffline = false;
    if (away > LONG || this.#unplaced) this.#tell({ type: "resync" });
    this.#unplaced = false;
    if (message.lastEventId && message.lastEventId !== this.position) {
      this.position = message.lastEventId;
      this.#tell({ type: "position", position: this.position });
    }
  }

  #fail() {
    this.#lostAt ||= Date.now();
    if (this.#source.readyState === EventSource.CLOSED && !this.#reopening) {
      this.#reopening = Date.now() + BACKOFF[Math.min(this.#failures, BACKOFF.length - 1)];
      this.#failures += 1;
    }
  }

  #watch() {
    const now = Date.now();
    if (this.#lostAt && now - this.#lostAt > PATIENCE && !this.#saidOffline) {
      this.#saidOffline = true;
      this.#tell({ type: "offline" });
    }
    if (now - this.#heard > SILENCE) this.#lostAt ||= this.#heard;
    if ((this.#reopening && now >= this.#reopening) || now - this.#heard > SILENCE) this.#open();
  }
}

/** The tabs of one browser, and which of them makes the sounds. */
class Tabs {
  #tabs = new Map();
  #recent = [];
  #leader = null;
  #turns = 0;

  tell(message) {
    if (message.type === "event") this.#recent = [...this.#recent.slice(1 - RECENT), { at: Date.now(), message }];
    for (const port of this.#tabs.keys()) port.postMessage(message);
  }

  others(port, message) {
    for (const other of this.#tabs.keys()) if (other !== port) other.postMessage({ type: "told", message });
  }

  /** `since`: when the tab's page was asked for; what happened meanwhile it may not show yet. */
  add(port, { lock, since }) {
    for (const { at, message } of this.#recent) if (at >= since) port.postMessage(message);
    this.#tabs.set(port, { visible: false, audible: false, turn: 0 });
    // A tab holds its lock as long as it lives, however it ends.
    if (lock && self.navigator.locks) self.navigator.locks.request(lock, () => this.remove(port));
    this.#choose();
  }

  update(port, { visible, audible }) {
    if (!this.#tabs.has(port)) return;
    const turn = visible ? (this.#turns += 1) : this.#tabs.get(port).turn;
    this.#tabs.set(port, { visible, audible, turn });
    this.#choose();
  }

  remove(port) {
    if (this.#tabs.delete(port)) this.#choose();
  }

  /** One that can be heard before one that cannot, then one that is looked at, then the one looked at last. */
  #choose() {
    const rank = ({ visible, audible, turn }) => [Number(audible), Number(visible), turn];
    const better = (one, other) => {
      const [a, b] = [rank(one), rank(other)];
      const index = a.findIndex((value, place) => value !== b[place]);
      return index >= 0 && a[index] > b[index];
    };
    let best = null;
    for (const [port, tab] of this.#tabs) if (!best || better(tab, this.#tabs.get(best))) best = port;
    if (best === this.#leader) return;
    this.#leader?.postMessage({ type: "leader", leader: false });
    this.#leader = best;
    best?.postMessage({ type: "leader", leader: true });
  }
}

function serveTabs() {
  const tabs = new Tabs();
  const url = new URL(new URL(self.location.href).searchParams.get("stream"), self.location.origin);
  const channel = new Channel(url, (message) => tabs.tell(message));
  let started = false;

  const answers = {
    hello(port, { position, ...tab }) {
      tabs.add(port, tab);
      if (!started) {
        started = true;
        channel.position = position;
        channel.start();
      } else if (channel.offline) {
        port.postMessage({ type: "offline" });
      }
    },
    state: (port, message) => tabs.update(port, message),
    tell: (port, { message }) => tabs.others(port, message),
    bye: (port) => tabs.remove(port),
  };
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => answers[data.type]?.(port, data);
  };
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) serveTabs();
