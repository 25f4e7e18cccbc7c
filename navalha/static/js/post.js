// A command without a form of its own: posts as htmx would, and lets the page say what became of it.
function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

function toast(detail) {
  document.dispatchEvent(new CustomEvent("toast", { detail }));
}

function say(response) {
  const told = JSON.parse(response.headers.get("HX-Trigger") ?? "{}");
  if (told.toast) toast(told.toast);
  else if (!response.ok) toast({ level: "error", text: document.getElementById("toasts").dataset.failed });
}

export default async function post(address, values) {
  const headers = { "HX-Request": "true", "X-CSRFToken": token() };
  try {
    const response = await fetch(address, { method: "POST", headers, body: new URLSearchParams(values) });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    else say(response);
    return response.ok;
  } catch {
    toast({ level: "error", text: document.getElementById("toasts").dataset.offline });
    return false;
  }
}
