// The shop's own phones: connections, their QR, and what the owner's hand does with them.

import { make, post, replaceIfChanged, shown, toast } from "./api.js";

const STATES = { open: "conectado", connecting: "conectando", close: "desconectado" };
const list = document.getElementById("devices");

export function drawDevices(instances) {
  document.getElementById("no-devices").hidden = instances.length > 0;
  const ordered = [...instances].sort((one, other) => Number(isWaiting(other)) - Number(isWaiting(one)));
  replaceIfChanged(list, JSON.stringify(ordered), () => ordered.map(card));
}

// A QR on show comes first: reading it is what the page is mostly opened for.
const isWaiting = (instance) => instance.state === "connecting" && Boolean(instance.qr.code);

function card(instance) {
  const { qr } = instance;
  const waiting = isWaiting(instance);
  return make("li", { class: "card", "data-instance": instance.name, "data-state": instance.state },
    make("div", { class: "card-head" },
      make("div", {},
        make("p", { class: "card-name" }, instance.profile_name ?? instance.name),
        make("p", { class: "card-number" }, shown(instance.owner_number))),
      make("span", { class: "badge", "data-state": instance.state }, waiting ? "esperando leitura" : STATES[instance.state])),
    waiting ? make("img", { src: qr.base64, alt: `QR de ${instance.name}` }) : null,
    waiting && qr.pairing_code ? make("p", { class: "code" }, qr.pairing_code) : null,
    make("div", { class: "card-actions" }, ...actions(instance, waiting)));
}

function actions(instance, waiting) {
  const buttons = [];
  if (waiting) buttons.push(button(instance, "scan", "ler QR"));
  if (waiting && instance.qr.pairing_code) buttons.push(button(instance, "scan-code", "digitar código"));
  if (instance.paired) {
    buttons.push(button(instance, "disconnect", "desconectar pelo celular"));
    buttons.push(button(instance, "drop", "queda de rede"));
    buttons.push(button(instance, "ban", "banir número"));
  }
  return buttons;
}

function button(instance, action, label) {
  const element = make("button", { type: "button", "data-action": action }, label);
  element.addEventListener("click", () => act(instance, action, element));
  return element;
}

async function act(instance, action, element) {
  const path = `instances/${encodeURIComponent(instance.name)}`;
  element.disabled = true;
  try {
    if (action === "scan") told(await post(`${path}/scan`));
    if (action === "scan-code") told(await post(`${path}/scan-code`, { code: instance.qr.pairing_code }));
    if (action === "disconnect") await post(`${path}/phone-disconnect`, { code: 401 });
    if (action === "ban") await post(`${path}/phone-disconnect`, { code: 403 });
    if (action === "drop") await post(`${path}/drop`, { seconds: 5 });
  } catch (problem) {
    toast(problem.message);
  } finally {
    element.disabled = false;
  }
}

function told(answer) {
  toast(answer.ok ? "QR lido: o aparelho está conectando." : "Não foi possível conectar. Tente mais tarde.");
}
