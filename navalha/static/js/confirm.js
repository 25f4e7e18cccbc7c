// data-confirm="Sentence": asks once in the shell's dialog before a dangerous act. Works on a form or on a button.
// data-confirm-button="Desconectar" names the act on the dialog's button.

function ask(holder) {
  const dialog = document.getElementById("confirm");
  const yes = dialog.querySelector("[value=yes]");
  dialog.querySelector("#confirm-sentence").textContent = holder.dataset.confirm;
  yes.textContent = holder.dataset.confirmButton ?? yes.dataset.words;
  dialog.returnValue = "no";
  dialog.showModal();
  holder.dataset.liveHold = ""; // the live parts around it wait until the person has decided
  return new Promise((answer) =>
    dialog.addEventListener("close", () => {
      delete holder.dataset.liveHold;
      answer(dialog.returnValue === "yes");
    }, { once: true }),
  );
}

// A refresh that was already on its way may have put a new copy in the holder's place: what a person agreed to is done
// there. Null when the page no longer offers it.
function standing(holder) {
  if (holder.isConnected) return holder;
  if (holder.id) return document.getElementById(holder.id);
  const same = (other) => other.action === holder.action && other.dataset.confirm === holder.dataset.confirm;
  return [...document.querySelectorAll("form[data-confirm]")].find(same) ?? null;
}

function sayGone() {
  const text = document.getElementById("toasts")?.dataset.failed;
  document.dispatchEvent(new CustomEvent("toast", { detail: { level: "warning", text } }));
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
    agreed = standing(holder);
    if (agreed) again(agreed);
    else sayGone();
  }

  // In the capture phase: before htmx and every behaviour.
  document.addEventListener("click", (event) => {
    const holder = event.target.closest?.("[data-confirm]:not(form)");
    stand(event, holder, (now) => now.click());
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const send = (now) => now.requestSubmit(submitter?.form === now ? submitter : null);
    stand(event, form.matches("[data-confirm]") ? form : null, send);
  }, true);
}
