// While something is awaited that also ends by itself: asks every three seconds, besides the ticks.
export default function recheck(element) {
  const timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    window.htmx?.trigger(element.closest("[data-live]"), "live");
  }, 3000);
}
