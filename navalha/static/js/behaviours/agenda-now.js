// The red line walks on by the server's clock, and a refresh leaves the grid scrolled as it was.
import { dayOf, toRows } from "../agenda/grid.js";

const EVERY = 15_000;

export default function agendaNow(root) {
  let day = null;
  let cameAt = 0;
  let left = 0;

  const walk = () => {
    const now = Number(day.dataset.now) + (performance.now() - cameAt) / 1000;
    for (const line of day.querySelectorAll(".now-line")) {
      const lane = line.closest(".lane");
      const row = Math.floor(toRows(lane, now));
      if (row >= 0 && row < Number(lane.dataset.units)) line.className = `now-line row-at-${row} row-for-1`;
    }
  };
  const look = () => {
    const fresh = dayOf(root);
    if (!fresh || fresh === day) return;
    day = fresh;
    cameAt = performance.now();
    const grid = day.querySelector(".day-grid");
    if (grid) grid.scrollLeft = left;
  };
  root.addEventListener("htmx:beforeSwap", () => (left = root.querySelector(".day-grid")?.scrollLeft ?? 0));
  new MutationObserver(look).observe(root, { childList: true });
  look();
  setInterval(() => day && walk(), EVERY);
}
