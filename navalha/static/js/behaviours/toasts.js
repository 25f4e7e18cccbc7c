// Toasts: what the server has to say after an act. Errors stay until they are closed, the rest for seven seconds, and
// what can be undone for a minute; all of them while somebody points at them or has the focus in them.
// Ctrl+Z (⌘Z) outside of a field takes back the newest that is still offered.
const STAY = 7_000;
const STAY_TO_UNDO = 60_000;
const MOST_TO_UNDO = 3;
const PHONE = matchMedia("(max-width: 35.99rem)"); // three of them would lie over what somebody works on
const TYPING = "input, textarea, select, [contenteditable]";

function dress(notice, region) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "notice-close";
  close.setAttribute("aria-label", region.dataset.close);
  close.textContent = "×";
  close.addEventListener("click", () => notice.remove());
  notice.append(close);
  if (!notice.matches(".notice-error, .notice-warning")) leave(notice);
}

function leave(notice) {
  const stay = notice.querySelector(".notice-undo") ? STAY_TO_UNDO : STAY;
  setTimeout(() => (notice.matches(":hover, :focus-within") ? leave(notice) : notice.remove()), stay);
}

function undoForm(address, words) {
  const form = document.createElement("form");
  form.className = "notice-undo";
  form.method = "post";
  form.action = address;
  const button = document.createElement("button");
  button.type = "submit";
  button.textContent = words;
  button.setAttribute("aria-keyshortcuts", "Control+Z Meta+Z");
  form.append(button);
  return form;
}

// By htmx, so that the page stays where it follows what changed; its answer says what became of it, or leads to a page.
function undoInPlace(notice) {
  const form = notice.querySelector(".notice-undo");
  if (!form || !window.htmx) return;
  form.setAttribute("hx-post", form.getAttribute("action"));
  form.setAttribute("hx-swap", "none");
  form.setAttribute("hx-headers", '{"X-Undo": "1"}');
  window.htmx.process(form);
  form.addEventListener("htmx:afterRequest", () => notice.remove());
}

function add(region, { level = "info", text, undo }) {
  const notice = document.createElement("div");
  notice.className = `notice notice-${level}`;
  const said = document.createElement("span");
  said.append(text);
  notice.append(said);
  if (undo) notice.append(undoForm(undo, region.dataset.undo));
  region.append(notice);
  dress(notice, region);
  undoInPlace(notice);
  [...region.querySelectorAll(".notice:has(.notice-undo)")].slice(0, PHONE.matches ? -1 : -MOST_TO_UNDO).forEach((old) => old.remove());
}

function undoByKey(event, region) {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  if (document.activeElement?.matches(TYPING) || document.querySelector("dialog[open], .modal.show")) return;
  const button = [...region.querySelectorAll(".notice-undo button")].at(-1);
  if (!button) return;
  event.preventDefault();
  button.click();
}

export default function toasts(region) {
  region.querySelectorAll(".notice").forEach((notice) => {
    dress(notice, region);
    undoInPlace(notice);
  });
  // HX-Trigger: {"toast": {"level": "success", "text": "…"}} or {"toast": {"items": [{…}, {…}]}}
  document.addEventListener("htmx:responseError", (event) => {
    // Only what a person did: a part that refreshes itself tries again by itself.
    if (event.detail.requestConfig.triggeringEvent?.type !== "live") add(region, { level: "error", text: region.dataset.failed });
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.requestConfig.triggeringEvent?.type !== "live") add(region, { level: "error", text: region.dataset.offline });
  });
  document.addEventListener("keydown", (event) => undoByKey(event, region));
  document.addEventListener("toast", (event) => (event.detail.items ?? [event.detail]).forEach((item) => add(region, item)));
}
