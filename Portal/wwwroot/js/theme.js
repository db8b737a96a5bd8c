// Loaded before anything is painted, so that a page never flashes in the other theme. Kept out of the page itself
// because the content security policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const wanted = () => {
    const chosen = localStorage.getItem("portal-theme");
    return chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
  };

  const apply = () => {
    const theme = wanted();
    if (root.dataset.theme !== theme) root.dataset.theme = theme;
    const choice = localStorage.getItem("portal-theme") ?? "system";
    if (root.dataset.themeChoice !== choice) root.dataset.themeChoice = choice;
  };

  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  // Blazor's enhanced navigation takes attributes off <html> that the server did not send.
  new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["data-theme", "data-theme-choice"] });

  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-set-theme]");
    if (!button) return;
    const choice = button.dataset.setTheme;
    if (choice === "system") localStorage.removeItem("portal-theme");
    else localStorage.setItem("portal-theme", choice);
    apply();
  });

  // The server writes times in the viewer's zone from the first paint on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `portal-zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
})();
