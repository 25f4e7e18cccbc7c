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
  });
}
