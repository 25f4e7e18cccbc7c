// A select in a live part: while it has the focus its list may be open, so the part waits, and an answer that was
// asked for before is kept out. What was chosen and not yet sent outlives the refresh that follows.
const AFTER = 1_000; // ms: who leaves the select is on the way to the button beside it
const chosen = new Map();

export default function keepChoice(select) {
  const usual = select.value;
  const kept = chosen.get(select.id);
  if ([...select.options].some((option) => option.value === kept)) select.value = kept;
  let late = null; // a part whose answer was kept out

  const keepOut = (event) => {
    if (!event.detail.target.contains(select)) return;
    event.detail.shouldSwap = false;
    late = event.detail.target;
  };
  const hold = () => {
    select.dataset.liveHold = "";
    document.addEventListener("htmx:beforeSwap", keepOut);
  };
  const letGo = () => {
    if (document.activeElement === select) return;
    delete select.dataset.liveHold;
    document.removeEventListener("htmx:beforeSwap", keepOut);
    if (late?.isConnected) window.htmx?.trigger(late, "live");
    late = null;
  };
  select.addEventListener("focus", hold);
  select.addEventListener("blur", () => setTimeout(letGo, AFTER));
  select.addEventListener("change", () => (select.value === usual ? chosen.delete(select.id) : chosen.set(select.id, select.value)));
  select.form?.addEventListener("submit", () => {
    chosen.delete(select.id);
    select.form.querySelector("[type=submit]")?.focus(); // what becomes of it shows at once
    delete select.dataset.liveHold;
    document.removeEventListener("htmx:beforeSwap", keepOut);
  });
  if (document.activeElement === select) hold();
}
