// The page asks for itself again every data-seconds seconds, and takes over what its main part says by then: nobody
// loses their place on it, and nothing moves while it says the same. Without script the page reloads (noscript).
export default function refresh(mark) {
  const main = mark.closest("main");
  const over = new AbortController();
  const timer = setInterval(look, Number(mark.dataset.seconds) * 1_000);
  document.addEventListener("visibilitychange", look, { signal: over.signal });

  async function look() {
    if (document.hidden) return;
    const page = await now().catch(() => null); // without a connection: at the next turn
    const fresh = page?.querySelector("main");
    if (!fresh || !mark.isConnected || fresh.textContent === main.textContent) return;
    const hadFocus = main.contains(document.activeElement);
    clearInterval(timer);
    over.abort();
    document.title = page.title;
    main.replaceChildren(...fresh.childNodes); // with a mark of its own, which goes on
    if (hadFocus) main.focus();
  }
}

async function now() {
  const answer = await fetch(location.href);
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}
