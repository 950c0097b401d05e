// Blocking and tiny on purpose: the theme is set before the first paint, so that nothing flashes.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("axonml.theme");
  } catch {
    // Storage may be forbidden; the system's theme then holds.
  }
  var dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
