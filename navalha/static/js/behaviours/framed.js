// The booking page inside another site's page (widget.js): tells that page how high it is, and nothing else. Where the
// height goes is the browser's own word on who asked for it, so no page can ask on behalf of another.
export default function framed(body) {
  if (window.parent === window) return;
  let host = "";

  function tell() {
    const { height } = document.documentElement.getBoundingClientRect();
    if (host) window.parent.postMessage({ navalha: "height", height }, host);
  }

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.data?.navalha !== "hello" || event.origin === "null") return;
    host = event.origin;
    tell();
  });
  new ResizeObserver(tell).observe(body);
  window.parent.postMessage({ navalha: "ready" }, "*"); // to anybody: it says only that a page is here
}
