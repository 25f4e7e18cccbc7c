// A <details> that was opened is still open after a refresh of the part around it.
const opened = new Set();

export default function stayOpen(details) {
  if (opened.has(details.id)) details.open = true;
  details.addEventListener("toggle", () => (details.open ? opened.add(details.id) : opened.delete(details.id)));
}
