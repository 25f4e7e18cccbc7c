// A form over the page: links with data-sheet open here instead of on a page of their own. What the server refuses comes
// back into the sheet with what was typed; done (204) closes it.
export default function sheet(dialog) {
  const body = dialog.querySelector("#sheet-body");
  let opener = "";

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-sheet]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || !window.htmx) return;
    event.preventDefault();
    if (!dialog.open) opener = link.id || link.previousElementSibling?.id || link.closest(".visit-steps")?.previousElementSibling?.id;
    window.htmx.ajax("GET", link.getAttribute("href"), { target: body, swap: "innerHTML" });
  });
  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== body) return;
    if (!dialog.open) dialog.showModal();
    (body.querySelector(".is-invalid, [autofocus], [data-search-field], input:not([type=hidden]), select") ?? body).focus();
  });
  body.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status !== 204) return;
    dialog.close();
    document.querySelectorAll("[data-live]").forEach((part) => window.htmx.trigger(part, "live"));
  });
  dialog.addEventListener("close", () => {
    body.replaceChildren();
    document.getElementById(opener)?.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-sheet-close]")) dialog.close();
  });
}
