// The page's heartbeat: asks for the state once a second and lets each part draw itself.

import { get } from "./api.js";
import { chosen, drawChats } from "./chats.js";
import { drawDevices } from "./devices.js";
import { buildSwitches, drawSwitches } from "./switches.js";

const MODES = { up: "no ar", down: "fora do ar", 503: "sobrecarregado", hang: "sem resposta", licence: "sem licença" };
const note = document.getElementById("server-note");
let version = "";
let built = false;

async function beat() {
  try {
    if (!built) {
      await buildSwitches();
      built = true;
    }
    const state = await get(`state?since=${version}`);
    if (!state.unchanged) {
      version = state.version;
      drawDevices(state.instances);
      await drawChats(state);
      drawSwitches(state, chosen());
      note.textContent = `WhatsApp simulado · servidor ${MODES[state.switches.values.server_mode]}`;
    }
  } catch {
    version = "";
    note.textContent = "O simulador não responde; tentando de novo…";
  }
  setTimeout(beat, 700);
}

for (const tab of document.querySelectorAll("[data-tab]")) {
  tab.addEventListener("click", () => {
    document.body.dataset.view = tab.dataset.tab;
    for (const other of document.querySelectorAll("[data-tab]")) {
      other.setAttribute("aria-pressed", String(other === tab));
    }
  });
}

beat();
