// A gap is a link for its full hour; where it is touched says which quarter is meant.
import { clock, dayOf, rowAt, SNAP, toRows, toSeconds } from "../agenda/grid.js";

export default function agendaGaps(root) {
  const aim = (event) => {
    const gap = event.target.closest?.("a.gap");
    if (!gap) return;
    const lane = gap.closest(".lane");
    const first = toRows(lane, Number(gap.dataset.starts));
    const quarter = Math.floor(rowAt(lane, event.clientY) / SNAP) * SNAP;
    const starts = toSeconds(lane, Math.max(quarter, first));
    const address = new URL(gap.href);
    address.searchParams.set("starts_at", new Date(starts * 1000).toISOString());
    gap.href = address.pathname + address.search;
    const mark = gap.querySelector("span");
    mark.style.transform = `translateY(${(Math.max(quarter, first) - first) * (gap.offsetHeight / rowsOf(gap))}px)`;
    mark.querySelector("time").textContent = clock(starts, dayOf(root).dataset.zone);
  };
  const rowsOf = (gap) => (gap.dataset.ends - gap.dataset.starts) / 300;
  root.addEventListener("pointermove", aim);
  root.addEventListener("pointerdown", aim);
}
