// The sum of what is ticked, written into the field of what was paid; whoever typed a price keeps it.
export default function sumPrices(group) {
  const into = group.closest("form").elements[group.dataset.into];
  let typed = false;
  into.addEventListener("input", () => (typed = true));
  group.addEventListener("change", () => {
    if (typed) return;
    const cents = [...group.querySelectorAll("[data-cents]:checked")].reduce((sum, one) => sum + Number(one.dataset.cents), 0);
    into.value = `${Math.floor(cents / 100)},${String(cents % 100).padStart(2, "0")}`;
  });
}
