// A button that writes its suggestion into a field, as if it had been typed.
export default function suggest(button) {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.target);
    if (!field) return;
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
    button.closest(".field-suggestions")?.remove();
  });
}
