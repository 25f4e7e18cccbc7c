// On a phone a day is picked with one tap, and its page opens at once; with a keyboard each digit would be another day.
export default function pickDay(form) {
  if (!matchMedia("(max-width: 35.99rem) and (hover: none) and (pointer: coarse)").matches) return;
  form.querySelector("[type=date]").addEventListener("change", ({ target }) => target.value && form.requestSubmit());
}
