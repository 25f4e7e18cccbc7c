// The two fields of who comes: while a name or a phone is typed, the customers who have it are offered below.
const WAIT = 180; // ms after the last key

export default function customerSearch(box) {
  const fields = [...box.querySelectorAll("[data-search-field]")];
  const chosen = box.querySelector("[name=customer]");
  const list = document.createElement("ul");
  list.className = "search-list";
  list.id = "search-list";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  let timer = 0;
  let asked = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const active = () => list.querySelector("[aria-selected=true]");
  const say = (words) => {
    const said = document.getElementById("announce");
    if (said) said.textContent = words;
  };

  function close() {
    list.hidden = true;
    fields.forEach((field) => {
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    });
  }

  async function look(field) {
    const mine = (asked += 1);
    const text = field.value.trim();
    if (text.length < 2) return close();
    const response = await fetch(`${box.dataset.search}?q=${encodeURIComponent(text)}`).catch(() => null);
    if (!response?.ok || mine !== asked || !field.isConnected) return;
    list.innerHTML = await response.text();
    field.closest("div").append(list);
    const count = options().length;
    list.hidden = count === 0;
    if (count) list.scrollIntoView({ block: "nearest" }); // the last fields of a form stand low on a phone
    field.setAttribute("aria-expanded", String(count > 0));
    say(count ? `${count} ${box.dataset.found}` : box.dataset.none);
  }

  function point(field, step) {
    const all = options();
    if (list.hidden || !all.length) return;
    const next = all[(all.indexOf(active()) + step + all.length) % all.length] ?? all[0];
    all.forEach((option) => option.setAttribute("aria-selected", String(option === next)));
    next.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", next.id);
  }

  function take(option) {
    asked += 1; // an answer on its way is about what was typed before
    box.querySelector("[name=name]").value = option.dataset.name;
    box.querySelector("[name=phone]").value = option.dataset.phone;
    chosen.value = option.dataset.customer;
    close();
  }

  for (const field of fields) {
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
      field.setAttribute(name, value);
    }
    field.addEventListener("input", () => {
      chosen.value = "";
      clearTimeout(timer);
      timer = setTimeout(look, WAIT, field);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        point(field, event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && !list.hidden && active()) {
        event.preventDefault();
        take(active());
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
      }
    });
    field.addEventListener("blur", () => setTimeout(close, 150));
  }
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
}
