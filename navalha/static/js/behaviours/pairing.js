// The window in which a WhatsApp is connected. It opens at once, says each step aloud, keeps the focus inside, and
// closing it (button, Esc, click outside) ends the pairing on the server too.
const UNDER_WAY = "[data-step=waiting], [data-step=code], [data-step=changing], [data-step=asking]";

export default function pairing(dialog) {
  const body = dialog.querySelector("#pairing-body");
  const said = dialog.querySelector("[data-pairing-said]");
  const template = (name) => dialog.querySelector(`template[data-pairing-${name}]`).content.cloneNode(true);
  let opener = null;

  function open(form) {
    if (!dialog.open) opener = form.querySelector("button")?.id;
    body.replaceChildren(template("opening"));
    if (!dialog.open) dialog.showModal();
    body.querySelector("#pairing-title").focus();
  }

  function cancelOnServer() {
    const form = body.querySelector("[data-pairing-cancel]");
    if (!form || !body.querySelector(UNDER_WAY)) return;
    const headers = { Accept: "application/json" };
    fetch(form.action, { method: "POST", body: new FormData(form), headers, keepalive: true }).catch(() => {
      // The pairing ends by itself after five minutes.
    });
  }

  function closed() {
    cancelOnServer();
    body.replaceChildren();
    said.textContent = "";
    document.getElementById(opener)?.focus();
  }

  function changed() {
    const step = body.querySelector("[data-say]");
    if (step && said.textContent !== step.dataset.say) said.textContent = step.dataset.say;
    if (dialog.open && !dialog.contains(document.activeElement)) body.querySelector("#pairing-title")?.focus();
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches?.("form[data-pairs]")) open(event.target);
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      if (event.target.matches?.("form[data-pairs]")) body.replaceChildren(template("failed"));
    });
  }
  // The page's own notices lie under this window: what became of the test is said inside it.
  body.addEventListener("htmx:afterRequest", (event) => {
    const tested = body.querySelector("[data-pairing-tested]");
    if (!tested || !event.detail.successful || !event.target.matches("[data-pairing-test]")) return;
    tested.hidden = false;
    said.textContent = tested.textContent.trim();
  });
  // Somebody who closed the window before the answer came does not want what it brings.
  body.addEventListener("htmx:afterSwap", () => {
    if (!dialog.open) closed();
  });
  dialog.addEventListener("close", closed);
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-pairing-close]") || event.target === dialog) dialog.close();
  });
  new MutationObserver(changed).observe(body, { childList: true, subtree: true });
}
