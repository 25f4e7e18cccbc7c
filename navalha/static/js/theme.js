// The theme before the first pixel: the person's choice (kept on this device), else the system's, followed live.
(function () {
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    if (root.dataset.keepTheme) return root.dataset.keepTheme; // inside another site's page, which asked for it
    try {
      return localStorage.getItem("navalha-theme") || "auto";
    } catch (_blocked) {
      return "auto"; // storage may be forbidden by the person: then only the system decides
    }
  }

  function apply() {
    var theme = chosen();
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  }

  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("navalha:theme", apply);
  window.addEventListener("storage", apply); // another tab changed it
})();
