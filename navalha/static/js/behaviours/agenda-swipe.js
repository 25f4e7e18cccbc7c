// A phone shows one professional: a swipe to the side, or a touch on a name, shows another one without a new page.
const FAR = 60; // px to the side
const FLAT = 0.6; // and at most so much up or down for each

export default function agendaSwipe(root) {
  const people = () => [...root.querySelectorAll(".day-people a")];
  let start = null;

  const show = (link) => {
    const whose = link.dataset.professional;
    for (const column of root.querySelectorAll(".day-column")) {
      column.classList.toggle("is-chosen", column.dataset.professional === whose);
    }
    people().forEach((one) => (one === link ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current")));
    history.replaceState(null, "", link.href);
    const day = root.querySelector("#day");
    day.dataset.liveHold = ""; // a refresh that is on its way would put the one before there
    window.htmx?.ajax("GET", link.getAttribute("href"), { target: day, swap: "outerHTML" }).finally(() => delete day.dataset.liveHold);
  };
  const aside = (step) => {
    const all = people();
    const link = all[all.findIndex((one) => one.hasAttribute("aria-current")) + step];
    if (link) show(link);
  };

  root.addEventListener("click", (event) => {
    const link = event.target.closest(".day-people a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link);
  });
  root.addEventListener("touchstart", (event) => {
    const [touch] = event.touches;
    start = event.touches.length === 1 && touch.target.closest(".day-grid") ? { x: touch.clientX, y: touch.clientY } : null;
  }, { passive: true });
  root.addEventListener("touchend", (event) => {
    if (!start || root.querySelector(".is-lifted") || people()[0]?.offsetParent === null) return;
    const [touch] = event.changedTouches;
    const [x, y] = [touch.clientX - start.x, touch.clientY - start.y];
    if (Math.abs(x) > FAR && Math.abs(y) < Math.abs(x) * FLAT) aside(x < 0 ? 1 : -1);
  });
}
