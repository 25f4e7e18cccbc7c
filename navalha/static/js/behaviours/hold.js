// An opened <details> is being read: the live part around it waits until it is closed.
export default function hold(details) {
  details.addEventListener("toggle", () => details.toggleAttribute("data-live-hold", details.open));
}
