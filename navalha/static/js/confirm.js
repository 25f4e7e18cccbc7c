// data-confirm="Sentence": asks once in the shell's dialog before a dangerous act. Works on a form or on a button.
// data-confirm-button="Desconectar" names the act on the dialog's button.

function ask(holder) {
  const dialog = document.getElementById("confirm");
  const yes = dialog.querySelector("[value=yes]");
  dialog.querySelector("#confirm-sentence").textContent = holder.dataset.confirm;
  yes.textContent = holder.dataset.confirmButton ?? yes.dataset.words;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) =>
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }),
  );
}

export default function confirm() {
  if (!document.getElementById("confirm")) return;
  let agreed = null; // the element whose next event goes through

  async function stand(event, holder, again) {
    if (!holder) return;
    if (agreed === holder) {
      agreed = null;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(holder))) return;
    agreed = holder;
    again();
  }

  // In the capture phase: before htmx and every behaviour.
  document.addEventListener("click", (event) => {
    const holder = event.target.closest?.("[data-confirm]:not(form)");
    stand(event, holder, () => holder.click());
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    stand(event, form.matches("[data-confirm]") ? form : null, () => form.requestSubmit(event.submitter));
  }, true);
}
