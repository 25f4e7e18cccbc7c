// Shows an amount as people write it once it is typed: 45 -> 45,00. What is no amount stays: the server decides.
function shown(text) {
  const plain = text.replace(/R\$|\s/g, "");
  const found = /^(\d{1,3}(?:\.\d{3})+|\d+)(?:[.,](\d{1,2}))?$/.exec(plain);
  return found ? `${found[1].replace(/\./g, "")},${(found[2] ?? "").padEnd(2, "0")}` : text;
}

export default function moneyMask(input) {
  const mask = () => (input.value = shown(input.value));
  input.addEventListener("change", mask);
  mask();
}
