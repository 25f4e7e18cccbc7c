// Moving a visit with the mouse, or with a finger that rests on it first; its lower edge makes it longer or shorter.
import { laneAt, rowAt, SNAP } from "../agenda/grid.js";
import Move from "../agenda/move.js";

const FAR = 6; // px: less is a click, or a finger that rests
const REST = 350; // ms
const EDGE = 72; // px from the window's edge: the page scrolls along

const snapped = (row) => Math.round(row / SNAP) * SNAP;

function scrollAlong(root, { clientX, clientY }) {
  if (clientY < EDGE) window.scrollBy(0, -14);
  else if (clientY > window.innerHeight - EDGE) window.scrollBy(0, 14);
  const grid = root.querySelector(".day-grid");
  const box = grid.getBoundingClientRect();
  if (clientX > box.right - EDGE / 2) grid.scrollBy(14, 0);
  else if (clientX < box.left + EDGE) grid.scrollBy(-14, 0);
}

export default function agendaDrag(root) {
  root.addEventListener("dragstart", (event) => event.preventDefault());
  root.addEventListener("pointerdown", (event) => {
    const visit = event.target.closest?.("a.visit[data-movable]");
    if (visit && event.button === 0 && event.isPrimary) watch(root, visit, event);
  });
}

function watch(root, visit, down) {
  const stop = new AbortController();
  const on = (name, handler, options = {}) => document.addEventListener(name, handler, { signal: stop.signal, ...options });
  const resizes = Boolean(down.target.closest(".visit-grip"));
  const touches = down.pointerType !== "mouse";
  let move = null;

  const lift = () => {
    // A refresh may have put a new copy in its place since the pointer went down.
    const standing = visit.isConnected ? visit : document.getElementById(visit.id);
    if (!standing) return end();
    move = new Move(root, standing);
    move.grabbed = rowAt(move.lane, down.clientY) - move.at;
  };
  const rest = touches ? setTimeout(lift, REST) : 0;
  const end = () => {
    clearTimeout(rest);
    stop.abort();
  };

  on("pointermove", (event) => {
    const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > FAR;
    if (!move && far && touches) return end(); // the finger scrolls the page
    if (!move && far) lift();
    if (!move) return;
    scrollAlong(root, event);
    if (resizes) return move.to({ rows: Math.max(snapped(rowAt(move.lane, event.clientY) - move.at), 1) });
    const lane = laneAt(root, event.clientX);
    move.to({ lane, at: snapped(rowAt(lane, event.clientY) - move.grabbed) });
  });
  on("touchmove", (event) => move && event.preventDefault(), { passive: false });
  on("contextmenu", (event) => move && event.preventDefault());
  on("keydown", (event) => {
    if (event.key !== "Escape" || !move) return;
    move.giveUp();
    end();
  });
  on("pointercancel", () => {
    move?.giveUp();
    end();
  });
  on("pointerup", () => {
    if (move) {
      const noClick = (event) => (event.preventDefault(), event.stopPropagation());
      document.addEventListener("click", noClick, { capture: true, once: true });
      setTimeout(() => document.removeEventListener("click", noClick, { capture: true }));
      move.drop();
    }
    end();
  });
}
