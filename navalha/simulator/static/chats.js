// Customers' phones: the list, the conversation, the answer.

import { get, make, post, replaceIfChanged, shown, toast } from "./api.js";

const TICKS = { PENDING: "◷", SERVER_ACK: "✓", DELIVERY_ACK: "✓✓", READ: "✓✓", PLAYED: "✓✓", ERROR: "!" };
const WORDS = {
  PENDING: "enviando", SERVER_ACK: "enviada", DELIVERY_ACK: "entregue", READ: "lida", PLAYED: "ouvida", ERROR: "falhou",
};
const KINDS = { image: "foto", audio: "áudio", reaction: "reação", button: "botão", location: "local", buttons: "botões" };
const byId = (id) => document.getElementById(id);
const chat = byId("chat");

let selected = null; // canonical number
let opened = false; // by a person's hand, not by itself
let latest = { phones: [], instances: [], switches: { values: {} } };

export const chosen = () => selected;

export async function drawChats(state) {
  latest = state;
  if (!selected && state.phones.length) selected = state.phones[0].number;
  byId("no-phones").hidden = state.phones.length > 0;
  const key = JSON.stringify([state.phones, selected]);
  replaceIfChanged(byId("phones"), key, () => state.phones.map(row));
  await drawChat();
}

function row(phone) {
  const current = phone.number === selected;
  const item = make("button", { type: "button", "data-phone": phone.number, "aria-current": current ? "true" : null },
    make("span", { class: "avatar", "aria-hidden": "true" }, initial(phone)),
    make("span", { class: "phone-name", title: shown(phone.number) }, titleOf(phone)),
    phone.unread ? make("span", { class: "unread" }, String(phone.unread)) : make("span"),
    make("span", { class: "phone-last" }, phone.last_text || "sem mensagens"),
    phone.team ? make("span", { class: "phone-team" }, "equipe") : null);
  item.addEventListener("click", () => select(phone.number));
  return make("li", {}, item);
}

const whose = (phone) => (phone.team ? "celular da equipe" : "celular de cliente");
const isNamed = (phone) => !/^Cliente \d/.test(phone.name);
const titleOf = (phone) => (isNamed(phone) ? phone.name : shown(phone.number));
const initial = (phone) => (!isNamed(phone) ? phone.number.slice(-2) : phone.name.slice(0, 1));

async function select(number) {
  selected = number;
  opened = true;
  await post(`phones/${number}/read`);
  await drawChats(latest);
  byId("reply-text").focus();
}

async function drawChat() {
  chat.hidden = !selected;
  if (!selected) return;
  const phone = await get(`phones/${selected}/messages`);
  chat.dataset.phone = phone.number;
  byId("chat-name").textContent = titleOf(phone);
  byId("chat-number").textContent = [isNamed(phone) && shown(phone.number), whose(phone)].filter(Boolean).join(" · ");
  byId("chat-avatar").textContent = initial(phone);
  drawShops(phone.messages);
  const bubbles = byId("bubbles");
  const key = JSON.stringify(phone.messages);
  if (replaceIfChanged(bubbles, key, () => phone.messages.map(bubble))) bubbles.scrollTop = bubbles.scrollHeight;
  await readWhatIsSeen(phone);
}

// A conversation that a person holds open is read as it comes; one that opened by itself is not.
async function readWhatIsSeen(phone) {
  const unread = phone.messages.some((m) => m.author === "api" && !["READ", "ERROR"].includes(m.status));
  if (opened && unread && latest.switches.values.auto_read === false) await post(`phones/${phone.number}/read`);
}

function bubble(message) {
  const time = new Date(message.at * 1000).toLocaleTimeString("pt-BR", { hour: "2-digit", minute: "2-digit" });
  const shop = latest.instances.find((one) => one.name === message.instance);
  const foot = make("span", { class: "bubble-foot" },
    message.direction === "received" ? make("span", {}, shop?.profile_name ?? message.instance) : null,
    make("span", {}, time, " ", make("span", {
      class: "tick", "data-status": message.status, title: WORDS[message.status], "aria-label": WORDS[message.status],
    }, TICKS[message.status] ?? "")));
  return make("li", {
    class: "bubble", "data-message": message.id, "data-direction": message.direction, "data-status": message.status,
  },
  message.kind in KINDS ? make("p", { class: "bubble-kind" }, KINDS[message.kind]) : null,
  make("p", { class: "bubble-text" }, message.text), foot);
}

// With several shops connected, a person chooses to whom to write; the one that spoke last is chosen at first.
function drawShops(messages) {
  const shops = latest.instances.filter((one) => one.paired);
  const choice = byId("reply-shop");
  byId("shop-choice").hidden = shops.length < 2;
  const last = messages.at(-1)?.instance;
  const key = JSON.stringify([shops.map((one) => one.name), selected, last]);
  replaceIfChanged(choice, key, () => shops.map((one) => make("option", {
    value: one.name, selected: one.name === last,
  }, `${one.profile_name ?? one.name} (${shown(one.owner_number)})`)));
}

async function send(text) {
  const problem = byId("reply-problem");
  problem.hidden = latest.instances.some((one) => one.paired);
  problem.textContent = "Nenhum aparelho da barbearia está conectado: leia um QR primeiro.";
  if (!problem.hidden) return false;
  try {
    await post(`phones/${selected}/send`, {
      text, to: byId("shop-choice").hidden ? "" : byId("reply-shop").value, lid_only: byId("reply-lid").checked,
    });
    opened = true;
    await drawChat();
    return true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    return false;
  }
}

byId("reply").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = byId("reply-text");
  if (field.value.trim() && await send(field.value.trim())) field.value = "";
  field.focus();
});

for (const quick of document.querySelectorAll("[data-quick]")) {
  quick.addEventListener("click", () => send(quick.dataset.quick));
}

// "Click to chat": the link opens the conversation with its number and puts its words into the field; a person sends.
byId("link-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const link = read(byId("link-address").value.trim());
  if (!link) return toast("Cole um link https://wa.me/… inteiro.");
  if (!selected) return toast("Abra antes o número do celular em que o link foi tocado.");
  latest = await get("state");
  await drawChat();
  const shop = latest.instances.find((one) => one.paired && sameNumber(one.owner_number, link.number));
  if (!shop) return toast(`Nenhum aparelho conectado tem o número ${shown(link.number)}.`);
  byId("link-address").value = "";
  byId("reply-shop").value = shop.name;
  byId("reply-text").value = link.text;
  byId("reply-text").focus();
});

const withoutNinth = (number) => number.replace(/^(55\d\d)9(?=\d{8}$)/, "$1");
const sameNumber = (one, other) => withoutNinth(one) === withoutNinth(other);

function read(address) {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const number = url.pathname.replace(/\D/g, "");
  return url.host === "wa.me" && number ? { number, text: url.searchParams.get("text") ?? "" } : null;
}

byId("open-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const digits = byId("open-number").value.replace(/\D/g, "");
  if (digits.length < 10) {
    toast("Escreva o número com DDD, por exemplo 11 98888-0001.");
    return;
  }
  const phone = await get(`phones/${digits.length <= 11 ? `55${digits}` : digits}/messages`);
  byId("open-number").value = "";
  await select(phone.number);
});
