// Every button that sends something shows that it does, and cannot send it twice: plain forms and htmx alike.

function begin(button) {
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  // After the event: a button that is disabled while its form is being read is left out of what is sent.
  setTimeout(() => button.getAttribute("aria-busy") && (button.disabled = true));
}

function end(button) {
  if (!button?.getAttribute("aria-busy")) return;
  button.removeAttribute("aria-busy");
  button.disabled = false;
}

function buttonOf(event) {
  const element = event.detail.elt;
  const submitter = event.detail.requestConfig?.triggeringEvent?.submitter;
  if (submitter) return submitter;
  if (element.matches("button")) return element;
  return element.matches("form") ? element.querySelector("button[type=submit], button:not([type])") : null;
}

export default function busy() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // In a later turn: htmx, or a behaviour that refuses the form, has said by then that it takes over.
    setTimeout(() => {
      const leaves = !event.defaultPrevented && form.method !== "dialog" && form.target !== "_blank";
      if (leaves) begin(event.submitter ?? form.querySelector("button[type=submit], button:not([type])"));
    });
  });
  document.addEventListener("htmx:beforeRequest", (event) => begin(buttonOf(event)));
  document.addEventListener("htmx:afterRequest", (event) => end(buttonOf(event)));
  // Back from the browser's cache of pages: nothing is being sent any more.
  window.addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach(end));
}
