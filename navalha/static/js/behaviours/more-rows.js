// Always one empty row at the end, as far as there is room (`data-most`, or what a day has): typing into the last one
// brings the next.
const MOST = 6;

export default function moreRows(box) {
  const most = Number(box.dataset.most || MOST);
  box.addEventListener("input", () => {
    const rows = box.querySelectorAll(".stretch");
    const last = rows[rows.length - 1];
    const isTyped = [...last.querySelectorAll("input")].some((input) => input.value);
    if (!isTyped || rows.length >= most) return;
    const next = last.cloneNode(true);
    next.querySelectorAll("input").forEach((input) => (input.value = ""));
    box.append(next);
  });
}
