// The shell's script: what every page has, and the loader of small behaviours.
import busy from "./busy.js";
import confirm from "./confirm.js";
import filters from "./filters.js";
import live from "./live.js";

const started = new WeakMap();

// One module for each behaviour, fetched only where it is used: data-behaviour="mask countdown".
async function start(element) {
  const names = element.dataset.behaviour.split(/\s+/).filter(Boolean);
  const done = started.get(element) ?? new Set();
  started.set(element, done);
  for (const name of names.filter((name) => !done.has(name))) {
    done.add(name);
    const module = await import(`./behaviours/${name}.js`);
    module.default(element);
  }
}

function startAll(root) {
  if (root.matches?.("[data-behaviour]")) start(root);
  root.querySelectorAll("[data-behaviour]").forEach(start);
}

busy();
confirm();
filters();
live();
startAll(document);
// Parts that htmx brings in later, and whatever a behaviour itself adds.
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node instanceof Element) startAll(node);
  }
}).observe(document.body, { childList: true, subtree: true });
