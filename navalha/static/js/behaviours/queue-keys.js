// The line by keyboard: arrows walk over the people, a letter does what the button of the row does.
const LATER = 250; // ms: browsers take the focus from a button that was disabled a moment after that
const rows = (root) => [...root.querySelectorAll(".queue-row")];

export default function queueKeys(root) {
  let at = 0; // where the focus was, for when its row has gone

  const current = () => document.activeElement.closest?.(".queue-row");
  const walk = (step) => {
    const all = rows(root);
    const here = all.indexOf(current());
    all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)]?.focus();
  };
  const press = (what) => current()?.querySelector(`[data-do="${what}"]`)?.closest("form, a");
  const submit = (what) => press(what)?.requestSubmit();

  const commands = {
    arrowdown: () => walk(1),
    arrowup: () => walk(-1),
    c: () => submit("call"),
    enter: () => submit("start"),
    p: () => current()?.querySelector("select")?.focus(),
    d: () => submit("leave"),
    l: () => press("link")?.click(),
    n: () => document.querySelector(".queue-join [name=name]")?.focus(),
    z: () => [...document.querySelectorAll("#toasts .notice-undo button")].at(-1)?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const { target } = event;
    // Out of the select, Enter begins with whom it says; all else that is typed belongs to the fields.
    if (target.matches("input, textarea, select") && !(target.matches(".queue-row select") && event.key === "Enter")) return;
    if (event.key === "Enter" && target.matches("a, button, summary")) return;
    const command = commands[event.key.toLowerCase()];
    if (!command || (event.key.startsWith("Arrow") && target.closest("details"))) return;
    event.preventDefault();
    command();
  });

  // Who was called, seated or left may have taken the focus along, and so does a button that is busy: it goes to who
  // stands there now.
  let wasInside = false;
  document.addEventListener("focusin", ({ target }) => {
    wasInside = root.contains(target);
    if (wasInside) at = Math.max(rows(root).indexOf(current()), 0);
  });
  const findFocus = () => {
    const all = rows(root);
    if (wasInside && document.activeElement === document.body) all[Math.min(at, all.length - 1)]?.focus();
  };
  root.addEventListener("htmx:afterSettle", () => {
    findFocus();
    setTimeout(findFocus, LATER);
  });
}
