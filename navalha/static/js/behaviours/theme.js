// The buttons that choose the theme; theme.js applies it. Hidden without script, since they would do nothing.
function stored() {
  try {
    return localStorage.getItem("navalha-theme") || "auto";
  } catch {
    return "auto";
  }
}

function store(theme) {
  try {
    if (theme === "auto") localStorage.removeItem("navalha-theme");
    else localStorage.setItem("navalha-theme", theme);
  } catch {
    document.documentElement.dataset.bsTheme = theme; // no storage: until the next page at least
  }
}

export default function theme(group) {
  const buttons = [...group.querySelectorAll("[data-theme]")];
  const show = () => buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.theme === stored())));
  group.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme]");
    if (!button) return;
    store(button.dataset.theme);
    document.dispatchEvent(new Event("navalha:theme"));
    show();
  });
  show();
  group.hidden = false;
}
