<<<<<<< HEAD
// A button that copies data-copy and says so; without a clipboard (plain http) it stays away.
export default function copy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const words = button.querySelector("span");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // refused by the browser: the code is there to be read
    }
    words.textContent = button.dataset.copied;
    document.getElementById("announce")?.replaceChildren(button.dataset.copied);
=======
// <button data-behaviour="copy" data-copy="text" data-done="Copiado" hidden>: shown where the browser can copy.
export default function copy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const words = button.querySelector("span") ?? button;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    words.textContent = button.dataset.done;
    const announce = document.getElementById("announce");
    if (announce) announce.textContent = button.dataset.done;
>>>>>>> 1825ff1 (Set a new shop up in five short steps, and show its owner what is left until the first booking)
  });
}
