// Copy buttons: <button data-copy="text"> or <button data-copy-from="#id">. Works on static pages too.
document.addEventListener("click", async event => {
  const button = event.target.closest?.("[data-copy], [data-copy-from]");
  if (!button) return;
  const text = button.dataset.copy ?? document.querySelector(button.dataset.copyFrom)?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Plain http on another machine has no clipboard API.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1600);
});

// Print buttons: <button data-print>.
document.addEventListener("click", event => {
  if (event.target.closest?.("[data-print]")) window.print();
});

// Menus of plain <details>: a click elsewhere or Escape closes them.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", event => {
  for (const menu of openMenus())
    if (!menu.contains(event.target) || event.target.closest("[data-closes]")) menu.open = false;
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
