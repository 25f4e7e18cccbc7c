// The booking page of a shop inside the shop's own site. Pasted there once, so its address and these marks stay:
//
//   <a href="https://…/agendar/SHOP/?canal=site" data-navalha="SHOP">Agendar horário</a>
//   <script src="https://…/agendar/widget.js" async></script>
//
// The mark may stand on a link, on any other element, or on the script itself; data-tema (claro, escuro) and data-canal
// are optional. The link stays until the booking page has said that it is there, and for good where it cannot be shown.
// A message counts only from the window of our own frame and from the origin of this script; ours go to it alone.
(() => {
  const own = document.currentScript;
  if (!own) return; // as a module it would not know where it came from
  const folder = new URL(".", own.src);
  const home = folder.origin;
  const SLUG = /^[-\w]{1,60}$/;
  const THEMES = ["claro", "escuro"];
  const FIRST_HEIGHT = 560; // px, until the page says its own
  const HIGHEST = 20000; // px: no page of ours is higher
  const PATIENCE = 20000; // ms

  function linkOf(element, slug, channel) {
    if (element.matches("a[href]")) return element;
    const link = element.querySelector("a[href]") ?? document.createElement("a");
    if (link.isConnected) return link;
    link.href = new URL(`${slug}/?canal=${channel}`, folder);
    link.textContent = document.documentElement.lang.startsWith("en") ? "Book online" : "Agendar horário";
    return link;
  }

  function placeFor(element, link) {
    const place = document.createElement("div");
    place.style.minHeight = `${FIRST_HEIGHT}px`;
    place.style.position = "relative";
    if (element.matches("script") || element === link) element.before(place);
    else element.append(place);
    place.append(link);
    return place;
  }

  function frameFor(slug, channel, theme, title) {
    const frame = document.createElement("iframe");
    frame.src = new URL(`${slug}/?canal=${channel}&embutido=${theme}`, folder);
    frame.title = title;
    Object.assign(frame.style, { position: "absolute", inset: "0", width: "100%", height: "100%", border: "0", opacity: "0" });
    return frame;
  }

  function start(element) {
    const { navalha: slug, canal, tema } = element.dataset;
    if (element.dataset.navalhaStarted || !SLUG.test(slug)) return;
    element.dataset.navalhaStarted = "1";
    const channel = /^[a-z0-9-]{1,20}$/.test(canal ?? "") ? canal : "site";
    const link = linkOf(element, slug, channel);
    const place = placeFor(element, link);
    const frame = frameFor(slug, channel, THEMES.includes(tema) ? tema : "1", link.textContent.trim() || "Agendar");
    const given = setTimeout(giveUp, PATIENCE);
    let shown = false;

    function giveUp() {
      frame.remove();
      place.style.minHeight = "";
    }

    function show() {
      clearTimeout(given);
      frame.contentWindow.postMessage({ navalha: "hello" }, home);
      // Another step of the page: its beginning must be in view.
      if (shown && place.getBoundingClientRect().top < 0) place.scrollIntoView();
      shown = true;
      link.hidden = true;
      frame.style.opacity = "";
    }

    function grow(height) {
      if (!(height > 0 && height < HIGHEST)) return;
      place.style.minHeight = "";
      Object.assign(frame.style, { position: "", display: "block", height: `${Math.ceil(height)}px` });
    }

    window.addEventListener("message", (event) => {
      if (event.origin !== home || event.source !== frame.contentWindow) return;
      if (event.data?.navalha === "ready") show();
      if (event.data?.navalha === "height") grow(Number(event.data.height));
    });
    place.append(frame);
  }

  function startAll() {
    document.querySelectorAll("[data-navalha]").forEach(start);
  }

  startAll();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
})();
