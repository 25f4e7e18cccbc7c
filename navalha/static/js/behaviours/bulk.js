// Rows with a box to tick, and the bar that acts on the ticked ones: counts them, ticks a whole page, and holds the list
// still while something is ticked. Everything works without this, too.
export default function bulk(section) {
  const boxes = () => [...section.querySelectorAll("input[name=numero]")];
  const page = section.querySelector("[data-bulk-page]");
  const all = section.querySelector("[data-bulk-all]");
  const count = section.querySelector("[data-bulk-count]");
  const go = section.querySelector("[data-bulk-go]");
  const command = section.querySelector("[name=comando]");
  if (!page) return;

  function show() {
    const ticked = boxes().filter((box) => box.checked).length;
    const everything = all?.checked ?? false;
    page.checked = ticked > 0 && ticked === boxes().length;
    page.indeterminate = ticked > 0 && !page.checked;
    const words = ticked === 0 ? count.dataset.none : ticked === 1 ? count.dataset.one : count.dataset.many;
    count.textContent = everything ? all.parentElement.textContent.trim() : words.replace("#", ticked);
    go.disabled = ticked === 0 && !everything;
    if (command.value === "disconnect") go.dataset.confirm = go.dataset.sure;
    else delete go.dataset.confirm;
    // A refresh would bring other rows, without the ticks.
    section.toggleAttribute("data-live-hold", ticked > 0 || everything);
  }

  section.addEventListener("change", ({ target }) => {
    if (target === page) boxes().forEach((box) => (box.checked = page.checked));
    show();
  });
  show();
}
