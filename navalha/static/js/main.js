// The shell's script: what every page has, and the loader of small behaviours.
import busy from "./busy.js";
import confirm from "./confirm.js";
import live from "./live.js";

const started = new WeakMap();

// One module for each behaviour, fetched only where it is used: data-behaviour="mask countdown".
async function start(element) {
  const names = element.dataset.behaviour.split(/\s+/).filter(Boolean);
  const done = started.get(element) ?? new Set();
  started.set(element, done);
  const fresh = names.filter((name) => !done.has(name));
  fresh.forEach((name) => done.add(name));
  const modules = fresh.map((name) => import(`./behaviours/${name}.js`)); // all on their way at once
  for (const module of modules) (await module).default(element);
}

function startAll(root) {
  const elements = [...root.querySelectorAll("[data-behaviour]")];
  if (root.matches?.("[data-behaviour]")) elements.unshift(root);
  return Promise.all(elements.map(start));
}

busy();
confirm();
live();
startAll(document).then(() => (document.documentElement.dataset.started = "")); // keys are listened to from now on
// Parts that htmx brings in later, and whatever a behaviour itself adds.
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node instanceof Element) startAll(node);
  }
}).observe(document.body, { childList: true, subtree: true });
