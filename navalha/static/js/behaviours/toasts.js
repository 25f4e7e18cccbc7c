// Toasts: what the server has to say after an act. Errors stay until they are closed, the rest for seven seconds.
const STAY = 7_000;

function dress(notice, region) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "notice-close";
  close.setAttribute("aria-label", region.dataset.close);
  close.textContent = "×";
  close.addEventListener("click", () => notice.remove());
  notice.append(close);
  if (!notice.matches(".notice-error, .notice-warning")) setTimeout(() => notice.remove(), STAY);
}

function add(region, { level = "info", text }) {
  const notice = document.createElement("p");
  notice.className = `notice notice-${level}`;
  notice.append(text);
  region.append(notice);
  dress(notice, region);
}

export default function toasts(region) {
  region.querySelectorAll(".notice").forEach((notice) => dress(notice, region));
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
