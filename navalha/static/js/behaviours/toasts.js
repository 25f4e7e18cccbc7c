// Toasts: what the server has to say after an act. Errors stay until they are closed, the rest for seven seconds, and
// what can be undone for twenty; all of them while somebody points at them or has the focus in them.
const STAY = 7_000;
const STAY_TO_UNDO = 20_000;

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
  form.append(button);
  return form;
}

// By htmx, so that the page stays; its answer says what became of it.
function undoInPlace(notice) {
  const form = notice.querySelector(".notice-undo");
  if (!form || !window.htmx) return;
  form.setAttribute("hx-post", form.getAttribute("action"));
  form.setAttribute("hx-swap", "none");
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
  document.addEventListener("toast", (event) => (event.detail.items ?? [event.detail]).forEach((item) => add(region, item)));
}
