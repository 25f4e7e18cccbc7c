// Calls of the control door. Each answers the decoded JSON, or throws an Error with the door's own sentence.

async function call(path, options) {
  const response = await fetch(`/simulator/${path}`, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? `Resposta ${response.status}`);
  return body;
}

export const get = (path) => call(path, {});

export const post = (path, body = {}) =>
  call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

// One element; `parts` are attributes, `children` are texts or elements.
export function make(tag, parts = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(parts)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// +55 11 98888-0001, or the digits with a plus when they are not Brazilian.
export function shown(number) {
  const found = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(number);
  return found ? `+55 ${found[1]} ${found[2]}-${found[3]}` : `+${number}`;
}

// Writes only what changed, so that focus and scrolling stay where they are.
export function replaceIfChanged(element, key, children) {
  if (element.dataset.key === key) return false;
  element.dataset.key = key;
  element.replaceChildren(...children());
  return true;
}

let fading;

export function toast(sentence) {
  const note = document.getElementById("toast");
  note.textContent = sentence;
  note.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { note.hidden = true; }, 4000);
}
