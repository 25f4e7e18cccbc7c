// The agenda's grid as numbers. A lane has `data-starts` (seconds since 1970) at its top and rows of five minutes.
export const UNIT = 300; // seconds
export const SNAP = 3; // rows: a quarter of an hour

export const dayOf = (root) => root.querySelector("[data-live]");

// What the page says about moving, in its language.
export const wordsOf = (root) => root.querySelector("#agenda-words").dataset;

export function lanes(root) {
  return [...root.querySelectorAll(".lane[data-professional]")].filter((lane) => lane.offsetParent !== null);
}

export function laneAt(root, x) {
  const far = (lane) => {
    const box = lane.getBoundingClientRect();
    return Math.max(box.left - x, 0, x - box.right);
  };
  return lanes(root).reduce((nearest, lane) => (far(lane) < far(nearest) ? lane : nearest));
}

// Rows from the top of the lane, with a fraction.
export function rowAt(lane, y) {
  const box = lane.getBoundingClientRect();
  return (y - box.top) / (box.height / Number(lane.dataset.units));
}

export const toRows = (lane, seconds) => (seconds - Number(lane.dataset.starts)) / UNIT;
export const toSeconds = (lane, row) => Number(lane.dataset.starts) + row * UNIT;

export function clock(seconds, zone) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat("pt-BR", parts).format(seconds * 1000);
}

const overlaps = ({ dataset }, starts, ends) =>
  Number(dataset.from ?? dataset.starts) < ends && starts < Number(dataset.until ?? dataset.ends);

// What the visit takes of the chair at another time: its preparation and cleaning go with it.
function blocked({ dataset }, starts, ends) {
  return [starts - (dataset.starts - dataset.from), ends + (dataset.until - dataset.ends)];
}

// What lies in the way in a lane: {kind: "taken", name}, {kind: "kept"} for the waitlist, {kind: "closed"}, or
// {kind: "free"}.
export function found(lane, starts, ends, itself) {
  const others = [...lane.querySelectorAll("a.visit")].filter((visit) => visit.id !== itself.id);
  const other = others.find((visit) => overlaps(visit, ...blocked(itself, starts, ends)));
  if (other) return { kind: "taken", name: other.dataset.name };
  if ([...lane.querySelectorAll(".kept")].some((block) => overlaps(block, starts, ends))) return { kind: "kept" };
  const closed = [...lane.querySelectorAll(".closed")].some((block) => overlaps(block, starts, ends));
  return { kind: closed ? "closed" : "free" };
}

export function announce(words) {
  const said = document.getElementById("announce");
  if (said) said.textContent = words;
}
