// Live pages: ONE stream for each page tells that something of a topic changed; the parts fetch themselves again.
// <section data-live="agenda" hx-get="…" hx-trigger="live" hx-swap="outerHTML">
// While the stream is down the parts refresh every 5 s, while it is up every 60 s: a lost tick costs a delay only.
// A part with data-live-pause="2000" refreshes at most every 2,000 ms: what is told of every shop is told all the time.
// A part with [data-live-hold] in it, an open dialog, a field in which somebody types, or a button that somebody presses
// at this moment is left alone until then, also by an answer that was on its way already.

const FAST = 5_000;
const SLOW = 60_000;
const SILENCE = 45_000; // the stream says something every 15 s: longer silence means it is dead
const HIDDEN = 30_000; // a browser opens six connections to a host: tabs that nobody sees give theirs back
const BACKOFF = [1_000, 2_000, 5_000, 10_000, 30_000];

let source = null;
let since = ""; // the last moment up to which ticks were seen: what a new stream has to catch up from
let heardAt = 0;
let failures = 0;
let retry = 0;
let firedAt = 0;

const held = new Set(); // keys of parts to be fetched when nothing holds them any more
const onTheirWay = new Map(); // key of a part -> the element whose request is not answered yet
const waiting = new Set(); // keys of parts that will be fetched at the end of their pause
const missed = new Set(); // keys of parts that were told of a change while their answer was on its way
const TYPING = "input:not([type=checkbox],[type=radio],[type=hidden],[type=submit],[type=button]), textarea, select, [contenteditable]";
const OPEN = "[data-live-hold], dialog[open], .modal.show, .dropdown-menu.show";

function parts(topic) {
  return document.querySelectorAll(topic ? `[data-live~="${CSS.escape(topic)}"]` : "[data-live]");
}

function isHeld(part) {
  const focused = document.activeElement;
  return part.matches(OPEN) || part.querySelector(OPEN) || part.contains(pressed) || (part.contains(focused) && focused.matches(TYPING));
}

let pressed = null; // what the pointer went down on: a click needs the very same to be there when it comes up

function followPresses() {
  document.addEventListener("pointerdown", ({ target }) => (pressed = target), true);
  // One that ended outside of the window is noticed when it moves again with nothing pressed.
  for (const end of ["pointerup", "pointercancel", "pointermove"]) {
    document.addEventListener(end, ({ type, buttons }) => {
      if (!pressed || (type === "pointermove" && buttons)) return;
      setTimeout(() => { // after the click that comes of it
        pressed = null;
        release();
      });
    }, true);
  }
}

const pausing = new Map(); // key of a part -> when it may be fetched again

// Whether the part has to wait; then it is fetched at the end of its pause.
function pauses(part) {
  const pause = Number(part.dataset.livePause ?? 0);
  if (!pause) return false;
  const key = keyOf(part);
  const wait = (pausing.get(key) ?? 0) - Date.now();
  if (wait <= 0) {
    pausing.set(key, Date.now() + pause);
    return false;
  }
  if (!waiting.has(key)) {
    waiting.add(key);
    setTimeout(() => {
      waiting.delete(key);
      document.querySelectorAll("[data-live-pause]").forEach((now) => keyOf(now) === key && fire(now));
    }, wait);
  }
  return true;
}

const keyOf = (part) => part.id || part.getAttribute("hx-get");

// The answer on its way may be older than the change, and htmx drops what waits on an element that it replaces.
function fire(part) {
  if (isHeld(part)) {
    held.add(keyOf(part));
    return;
  }
  held.delete(keyOf(part));
  if (onTheirWay.has(keyOf(part))) {
    missed.add(keyOf(part));
    return;
  }
  if (pauses(part)) return;
  window.htmx?.trigger(part, "live");
}

function fireAll(topic) {
  if (!topic) firedAt = Date.now();
  parts(topic).forEach(fire);
}

function release() {
  for (const key of held) {
    const part = [...parts()].find((one) => keyOf(one) === key); // another one may stand there by now
    part ? fire(part) : held.delete(key);
  }
}

function arrived(part) {
  onTheirWay.delete(keyOf(part));
  if (missed.delete(keyOf(part))) fire(part);
}

const isUnasked = ({ triggeringEvent }) => triggeringEvent?.type === "live";

function followRequests() {
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (isUnasked(detail)) detail.headers["X-Live"] = "1";
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    const part = detail.requestConfig.elt;
    if (part.matches("[data-live]")) onTheirWay.set(keyOf(part), part);
  });
  // Somebody began to type, or opened or lifted something, while the answer was on its way.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const part = detail.requestConfig.elt;
    if (!isUnasked(detail.requestConfig) || !isHeld(part)) return;
    detail.shouldSwap = false;
    held.add(keyOf(part));
  });
  // The event comes from what stands around the part, which is replaced by now, unless the answer was an error. A part
  // that was replaced is on its way until htmx listens to the new one, a moment later: a tick in between would be lost.
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const part = detail.requestConfig.elt;
    if (onTheirWay.get(keyOf(part)) !== part || !part.isConnected) return;
    arrived(part);
  });
  // Only now does htmx listen to what the answer brought.
  document.addEventListener("htmx:load", ({ detail }) => {
    if (detail.elt.matches("[data-live]")) arrived(detail.elt);
    detail.elt.querySelectorAll("[data-live]").forEach(arrived);
  });
}

function up() {
  return source?.readyState === EventSource.OPEN && Date.now() - heardAt < SILENCE;
}

function show() {
  document.documentElement.dataset.stream = up() ? "up" : "down";
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
  show();
}

function heard(event) {
  heardAt = Date.now();
  since = event.lastEventId || since;
  show();
}

function open() {
  close();
  const address = `/ao-vivo/?loja=${document.body.dataset.shop}&desde=${since || document.body.dataset.now}`;
  source = new EventSource(address);
  heardAt = Date.now();
  source.addEventListener("tick", (event) => {
    heard(event);
    fireAll(event.data);
  });
  source.addEventListener("refresh", (event) => {
    heard(event);
    fireAll();
  });
  source.addEventListener("beat", (event) => {
    failures = 0;
    heard(event);
  });
  source.addEventListener("error", () => {
    show();
    if (source.readyState === EventSource.CLOSED) again(); // refused: the browser does not come back by itself
  });
}

function again() {
  clearTimeout(retry);
  const wait = BACKOFF[Math.min(failures, BACKOFF.length - 1)];
  failures += 1;
  retry = setTimeout(open, wait * (0.75 + Math.random() / 2)); // not all pages at the same moment after a restart
}

function watch() {
  if (document.hidden) return;
  if (source?.readyState === EventSource.OPEN && !up()) open();
  show();
  if (Date.now() - firedAt >= (up() ? SLOW : FAST)) fireAll();
}

function followVisibility() {
  let hiding = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(close, HIDDEN);
    else if (!source) open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
}

export default function live() {
  if (!document.body.dataset.shop || !parts().length) return;
  firedAt = Date.now();
  followRequests();
  followPresses();
  open();
  followVisibility();
  setInterval(watch, 1_000);
  setInterval(release, 500);
}
