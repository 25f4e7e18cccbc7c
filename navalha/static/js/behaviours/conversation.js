// A conversation shows its end, and stays there while new messages come, unless somebody has scrolled up to read.
// Ctrl+Enter (or Cmd+Enter) sends.
const NEAR = 120; // px

export default function conversation(element) {
  let thread = element.querySelector("#thread");
  let atEnd = true;

  const toEnd = () => (thread.scrollTop = thread.scrollHeight);
  const watch = () => {
    thread.addEventListener("scroll", () => {
      atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR;
    });
  };

  let top = 0;
  element.addEventListener("htmx:beforeSwap", () => (top = thread.scrollTop));
  new MutationObserver(() => {
    const fresh = element.querySelector("#thread");
    if (!fresh || fresh === thread) return;
    thread = fresh;
    watch();
    if (atEnd) toEnd();
    else thread.scrollTop = top;
  }).observe(element, { childList: true });

  element.addEventListener("keydown", (event) => {
    const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (sends && event.target.matches("textarea")) event.target.form.requestSubmit();
  });

  watch();
  toEnd();
}
