// New rows come in by themselves, but never under the eyes or the hand of who reads: only at the top of the page, with
// nothing ticked, nothing in focus inside the list, and not while paused. Otherwise the page says how many there are.
const NEAR_TOP = 160; // px

export default function tail(holder) {
  const pause = document.getElementById("tail-pause");
  let paused = false;

  function isBeingRead() {
    const list = holder.querySelector("#events");
    return paused || window.scrollY > NEAR_TOP || list.querySelector("input:checked") !== null || list.contains(document.activeElement);
  }

  function follow() {
    const state = holder.querySelector("#tail");
    if (!state || Number(state.dataset.fresh) === 0 || isBeingRead()) return;
    state.dataset.fresh = "0"; // once is enough; the answer brings a new one along
    window.htmx.ajax("GET", holder.dataset.list, { target: "#events", swap: "outerHTML" });
  }

  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.classList.toggle("is-paused", paused);
      if (!paused) follow();
    });
  }
  holder.addEventListener("htmx:afterSwap", () => setTimeout(follow));
  window.addEventListener("scroll", () => window.scrollY <= NEAR_TOP && follow(), { passive: true });
}
