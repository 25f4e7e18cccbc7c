// A row of tabs that scrolls sideways begins with the tab of this page in sight.
export default function showCurrent(tabs) {
  const current = tabs.querySelector("[aria-current]");
  if (!current) return;
  const { left, width } = current.getBoundingClientRect();
  const box = tabs.getBoundingClientRect();
  tabs.scrollLeft += left + width / 2 - (box.left + box.width / 2);
}
