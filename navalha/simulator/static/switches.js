// The faults and delays: one input per switch, for all or for one instance or number.

import { get, make, post, replaceIfChanged, shown, toast } from "./api.js";

const CHOICES = {
  up: "no ar", down: "fora do ar", 503: "sobrecarregado (503)", hang: "sem resposta", licence: "licença (503)",
  pn: "número + LID", pn_only: "só número", lid: "LID + número", lid_only: "só LID",
  off: "não",
};
const COUNTS = [[false, "não"], [1, "1 vez"], [3, "3 vezes"], [true, "sempre"]];
const scope = document.getElementById("switch-scope");
let known = [];
let latest = null;

export async function buildSwitches() {
  known = await get("switches");
  const sections = [...new Set(known.map((one) => one.section))];
  document.getElementById("switches").replaceChildren(...sections.map(group));
}

function group(section, place) {
  return make("details", { class: "switch-group", open: place < 2 }, make("summary", {}, section),
    ...known.filter((one) => one.section === section).map(line));
}

function line(one) {
  return make("label", { class: "switch", "data-line": one.name }, make("span", {}, one.label), input(one));
}

function input(one) {
  const element = one.counting || one.choices.length ? picker(one) : field(one);
  element.dataset.switch = one.name;
  element.addEventListener("change", () => change(one, element));
  return element;
}

function picker(one) {
  const options = one.counting ? COUNTS.map(([value, label]) => [JSON.stringify(value), label])
    : one.choices.map((word) => [word, CHOICES[word] ?? word]);
  return make("select", {}, ...options.map(([value, label]) => make("option", { value }, label)));
}

function field(one) {
  if (typeof one.default === "boolean") return make("input", { type: "checkbox" });
  if (Array.isArray(one.default)) return make("input", { type: "text", placeholder: "messages.upsert" });
  return make("input", { type: "number", min: "0", step: "any" });
}

function valueOf(one, element) {
  if (one.counting) return JSON.parse(element.value);
  if (element.type === "checkbox") return element.checked;
  if (Array.isArray(one.default)) return element.value.split(",").map((word) => word.trim()).filter(Boolean);
  return element.type === "number" ? Number(element.value) : element.value;
}

async function change(one, element) {
  const [kind, name] = scope.value ? scope.value.split(/:(.*)/s) : ["", ""];
  const body = { [one.name]: valueOf(one, element) };
  if (kind) body[kind] = name;
  try {
    await post("switches", body);
  } catch (problem) {
    toast(problem.message);
  }
}

export function drawSwitches(state, number) {
  latest = state;
  drawScopes(state, number);
  const own = state.switches.scopes[scope.value] ?? {};
  for (const one of known) {
    const element = document.querySelector(`[data-switch="${one.name}"]`);
    const value = own[one.name] ?? state.switches.values[one.name];
    if (element !== document.activeElement) put(one, element, value);
    const changed = scope.value ? one.name in own : state.switches.changed.includes(one.name);
    element.closest(".switch").dataset.changed = String(changed);
  }
}

function put(one, element, value) {
  if (element.type === "checkbox") element.checked = value;
  else if (one.counting) putCount(element, value);
  else element.value = Array.isArray(value) ? value.join(", ") : value;
}

function putCount(element, value) {
  const text = JSON.stringify(value || false);
  if (![...element.options].some((option) => option.value === text)) {
    element.append(make("option", { value: text }, `${text} vezes`));
  }
  element.value = text;
}

function drawScopes(state, number) {
  const choices = [["", "todos"], ...state.instances.map((one) => [`instance:${one.name}`, one.profile_name ?? one.name])];
  if (number) choices.push([`number:${number}`, shown(number)]);
  const before = scope.value;
  const drawn = replaceIfChanged(scope, JSON.stringify(choices), () =>
    choices.map(([value, label]) => make("option", { value }, label)));
  if (drawn) scope.value = choices.some(([value]) => value === before) ? before : "";
}

scope.addEventListener("change", () => latest && drawSwitches(latest, null));
document.getElementById("switches-reset").addEventListener("click", async () => {
  await post("reset");
  toast("Tudo voltou ao normal.");
});
document.getElementById("server-restart").addEventListener("click", async () => {
  await post("restart");
  toast("O servidor reiniciou: os aparelhos pareados voltam sozinhos.");
});
