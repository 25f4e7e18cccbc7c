// Shows a Brazilian phone as people write it, whatever was pasted: +55 11 99999-0001, 5511999990001, (011) 99999.0001.
// What is no Brazilian number stays as typed: the server decides, this only makes reading easier.

function national(text) {
  const digits = text.replace(/\D/g, "");
  if (/^\s*\+(?!55)/.test(text)) return null; // from abroad
  const number = digits.length > 11 && digits.startsWith("55") ? digits.slice(2) : digits;
  return number.replace(/^0+/, "");
}

function shown(number) {
  const area = number.slice(0, 2);
  const rest = number.slice(2);
  if (!rest) return number;
  const cut = rest.length > 8 ? 5 : 4;
  return `(${area}) ${rest.slice(0, cut)}${rest.length > cut ? `-${rest.slice(cut)}` : ""}`;
}

// The caret stays behind the same digit.
function caretAfter(text, digits) {
  let at = 0;
  for (let seen = 0; at < text.length && seen < digits; at += 1) if (/\d/.test(text[at])) seen += 1;
  return at;
}

export default function phoneMask(input) {
  function mask() {
    const number = national(input.value);
    if (number === null || number.length > 11) return;
    const behind = input.value.slice(input.selectionStart).replace(/\D/g, "").length;
    input.value = shown(number);
    const caret = caretAfter(input.value, number.length - behind);
    if (document.activeElement === input) input.setSelectionRange(caret, caret);
  }
  input.addEventListener("input", (event) => event.inputType?.startsWith("delete") || mask());
  input.addEventListener("change", mask);
  mask();
}
