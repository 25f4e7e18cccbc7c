// A visit that somebody has lifted, by pointer or by key: a ghost shows where it would stand and what is in the way.
// While it is up, refreshes wait; what the server says of the drop is the truth.
import post from "../post.js";
import { announce, clock, dayOf, found, toRows, toSeconds, UNIT, wordsOf } from "./grid.js";

const LONGEST = 96; // rows: eight hours

export default class Move {
  constructor(root, visit) {
    this.root = root;
    this.visit = visit;
    this.day = dayOf(root);
    this.lane = visit.closest(".lane");
    this.at = toRows(this.lane, Number(visit.dataset.starts));
    this.rows = Math.round((visit.dataset.ends - visit.dataset.starts) / UNIT);
    this.before = this.place();
    this.ghost = document.createElement("div");
    this.day.dataset.liveHold = "";
    visit.classList.add("is-lifted");
    this.show();
  }

  place() {
    const starts = toSeconds(this.lane, this.at);
    return { lane: this.lane, starts, ends: starts + this.rows * UNIT };
  }

  // Another lane, row or length; what is out of the grid is kept inside.
  to({ lane = this.lane, at = this.at, rows = this.rows }) {
    const most = Number(lane.dataset.units);
    this.lane = lane;
    this.rows = Math.min(Math.max(rows, 1), LONGEST);
    this.at = Math.min(Math.max(at, 0), Math.max(most - 1, 0));
    this.show();
  }

  show() {
    const { starts, ends } = this.place();
    const zone = this.day.dataset.zone;
    const way = found(this.lane, starts, ends, this.visit);
    const shown = Math.max(1, Math.min(Math.round(this.rows), Number(this.lane.dataset.units) - Math.round(this.at)));
    this.way = way;
    this.ghost.className = `move-ghost is-${way.kind} row-at-${Math.max(0, Math.round(this.at))} row-for-${shown}`;
    const words = wordsOf(this.root)[way.kind];
    const times = `${clock(starts, zone)}–${clock(ends, zone)}`;
    this.ghost.textContent = `${times} · ${way.name ? `${words}: ${way.name}` : words}`;
    if (this.ghost.parentElement !== this.lane) this.lane.append(this.ghost);
    announce(`${times}, ${this.lane.dataset.name}. ${this.ghost.textContent.split("· ")[1]}`);
  }

  isWhereItWas() {
    const { lane, starts, ends } = this.place();
    return lane === this.before.lane && starts === this.before.starts && ends === this.before.ends;
  }

  async drop() {
    if (this.isWhereItWas() || this.way.kind === "taken") return this.giveUp();
    const { lane, starts, ends } = this.place();
    const values = {
      direto: "1",
      professional: lane.dataset.professional,
      starts_at: new Date(starts * 1000).toISOString(),
      minutes: String((ends - starts) / 60),
      version: this.visit.dataset.version,
      tell_customer: "on",
    };
    if (this.way.kind === "closed") values.even_if_closed = "on";
    this.ghost.classList.add("is-sent");
    await post(`${this.visit.getAttribute("href")}mover/`, values);
    this.putDown();
  }

  giveUp() {
    announce(this.way.kind === "taken" ? this.ghost.textContent : wordsOf(this.root).givenUp);
    this.putDown();
  }

  putDown() {
    this.ghost.remove();
    this.visit.classList.remove("is-lifted");
    delete this.day.dataset.liveHold;
    window.htmx?.trigger(this.day, "live"); // also for what was kept out meanwhile
  }
}
