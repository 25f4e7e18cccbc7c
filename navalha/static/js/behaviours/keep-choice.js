// A select in a live part: while it has the focus its list may be open, so the part waits. What was chosen and not yet
// sent outlives the refresh that follows.
const AFTER = 1_000; // ms: who leaves the select is on the way to the button beside it
const chosen = new Map();

export default function keepChoice(select) {
  const usual = select.value;
  const kept = chosen.get(select.id);
  if ([...select.options].some((option) => option.value === kept)) select.value = kept;

  const hold = () => (select.dataset.liveHold = "");
  const letGo = () => document.activeElement !== select && delete select.dataset.liveHold;
  select.addEventListener("focus", hold);
  select.addEventListener("blur", () => setTimeout(letGo, AFTER));
  select.addEventListener("change", () => (select.value === usual ? chosen.delete(select.id) : chosen.set(select.id, select.value)));
  select.form?.addEventListener("submit", () => {
    chosen.delete(select.id);
    select.form.querySelector("[type=submit]")?.focus(); // what becomes of it shows at once
    delete select.dataset.liveHold;
  });
  if (document.activeElement === select) hold();
}
