// The agenda by keyboard: arrows walk over visits and gaps, M lifts a visit, N takes its next step, Z undoes.
import { announce, lanes, SNAP, wordsOf } from "../agenda/grid.js";
import Move from "../agenda/move.js";

const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const middle = (element) => {
  const box = element.getBoundingClientRect();
  return box.top + box.height / 2;
};
const stops = (lane) =>
  [...lane.querySelectorAll("a.visit, a.gap")].sort((one, other) => Number(one.dataset.starts) - Number(other.dataset.starts));

function nearest(lane, y) {
  const far = (stop) => Math.abs(middle(stop) - y);
  return stops(lane).reduce((best, stop) => (best && far(best) <= far(stop) ? best : stop), null);
}

function aside(root, lane, y, step) {
  const all = lanes(root);
  for (let at = all.indexOf(lane) + step; all[at]; at += step) {
    const stop = nearest(all[at], y);
    if (stop) return stop;
  }
  return null;
}

function walk(root, key) {
  const here = document.activeElement.closest("a.visit, a.gap");
  const lane = here?.closest(".lane") ?? lanes(root)[0];
  if (!lane) return;
  const list = stops(lane);
  const at = here ? list.indexOf(here) : -1;
  const there = {
    ArrowDown: () => list[at + 1],
    ArrowUp: () => list[at - 1],
    ArrowRight: () => (here ? aside(root, lane, middle(here), 1) : list[0]),
    ArrowLeft: () => (here ? aside(root, lane, middle(here), -1) : list[0]),
  }[key]();
  there?.focus();
}

function carry(root, move, { key, shiftKey }) {
  const step = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
  if (key === "ArrowUp" || key === "ArrowDown") {
    if (shiftKey) move.to({ rows: move.rows + step * SNAP });
    else move.to({ at: (step > 0 ? Math.floor(move.at / SNAP) + 1 : Math.ceil(move.at / SNAP) - 1) * SNAP });
    return;
  }
  const all = lanes(root);
  const lane = all[all.indexOf(move.lane) + step];
  if (lane) move.to({ lane });
}

export default function agendaKeys(root) {
  let move = null;

  const whileMoving = (event) => {
    const { key } = event;
    if (!ARROWS.has(key) && key !== "Enter" && key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (ARROWS.has(key)) return carry(root, move, event);
    const lifted = move;
    move = null;
    if (key === "Enter") lifted.drop();
    else lifted.giveUp();
  };

  const commands = {
    m: (visit) => {
      if (!visit?.matches("[data-movable]")) return;
      move = new Move(root, visit);
      announce(wordsOf(root).moving.replace("{name}", visit.dataset.name));
    },
    n: (visit) => {
      const steps = visit?.nextElementSibling;
      if (steps?.matches(".visit-steps")) steps.querySelector("[data-step]")?.click();
    },
    z: () => root.contains(document.activeElement) && [...document.querySelectorAll("#toasts .notice-undo button")].at(-1)?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input, textarea, select")) return;
    if (move) return whileMoving(event);
    const inside = root.contains(document.activeElement);
    if (ARROWS.has(event.key) && inside && document.activeElement.closest(".day-grid")) {
      event.preventDefault();
      return walk(root, event.key);
    }
    const command = commands[event.key.toLowerCase()];
    if (command) command(document.activeElement.closest("a.visit"));
  });
  // Whoever goes away with the mouse has not dropped anything.
  root.addEventListener("focusout", () => setTimeout(() => {
    if (!move || root.contains(document.activeElement)) return;
    move.giveUp();
    move = null;
  }));
}
