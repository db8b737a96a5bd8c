// The command palette and the keyboard map (Shell/CommandPalette.razor, Shell/KeyboardMap.razor): both are <dialog>s of
// the browser, so that they open at once, hold the focus, and give it back. What the palette finds comes from the server.
(() => {
  const palette = () => document.getElementById("palette");
  const map = () => document.getElementById("keyboard-map");
  const options = () => [...palette().querySelectorAll("[role=option]:not([hidden])")];
  let active = 0;
  let pressed = false;               // Enter, before the server had answered what was typed
  let awaited = "";                  // the g of "g t"
  let awaitedUntil = 0;

  const isTyping = target => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const isBusy = () => document.querySelector("dialog[open]:not(#components-reconnect-modal), .mud-dialog") !== null;

  const mark = () => {
    const dialog = palette();
    if (!dialog?.open) return;
    const all = options(), box = dialog.querySelector("[role=combobox]");
    active = Math.max(0, Math.min(active, all.length - 1));
    all.forEach((option, at) => {
      const now = `${at === active}`;
      if (option.getAttribute("aria-selected") !== now) option.setAttribute("aria-selected", now);
      if (option.id !== `palette-${at}`) option.id = `palette-${at}`;
    });
    if (all.length > 0) box.setAttribute("aria-activedescendant", `palette-${active}`);
    else box.removeAttribute("aria-activedescendant");
    all[active]?.scrollIntoView({ block: "nearest" });
  };
  const open = () => {
    const dialog = palette();
    if (!dialog || dialog.open) return;
    map()?.close();
    active = 0;
    dialog.showModal();
    const box = dialog.querySelector("[role=combobox]");
    box.focus();
    box.select();
    mark();
  };
  const close = () => palette()?.close();
  const isInteractive = () => document.querySelector("[data-interactive=true]") !== null;
  // Options that are shown may still be those of an earlier word.
  const isAnswered = dialog => {
    const list = dialog.querySelector("[role=listbox]");
    return !isInteractive() || list.dataset.busy !== "true" && (list.dataset.words ?? "") === dialog.querySelector("[role=combobox]").value;
  };
  const press = () => {
    const dialog = palette();
    pressed = !isAnswered(dialog);
    if (!pressed) options()[active]?.click();
  };

  document.addEventListener("keydown", event => {
    const dialog = palette();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (!dialog) return;
      event.preventDefault();
      if (dialog.open) close();
      else if (!document.querySelector(".mud-dialog")) open();
      return;
    }
    if (dialog?.open) {
      if (event.isComposing) return;
      const count = options().length;
      if (event.key === "ArrowDown") active = count === 0 ? 0 : (active + 1) % count;
      else if (event.key === "ArrowUp") active = count === 0 ? 0 : (active + count - 1) % count;
      else if (event.key === "Home" && event.ctrlKey) active = 0;
      else if (event.key === "End" && event.ctrlKey) active = count - 1;
      else if (event.key === "Enter") {
        event.preventDefault();
        event.stopPropagation();
        press();
        return;
      }
      else return;
      event.preventDefault();
      mark();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isBusy()) return;
    if (event.key === "?") {
      event.preventDefault();
      map()?.showModal();
    } else if (event.key === "/") {
      event.preventDefault();
      open();
    } else if (awaited === "g" && performance.now() < awaitedUntil) {
      const place = palette()?.querySelector(`[data-go="${CSS.escape(event.key.toLowerCase())}"]`);
      awaited = "";
      if (!place) return;
      event.preventDefault();
      place.click();
    } else if (event.key === "g") {
      awaited = "g";
      awaitedUntil = performance.now() + 1500;
    }
  });

  document.addEventListener("click", event => {
    const target = event.target;
    if (target.closest?.("[data-opens=palette]")) open();
    else if (target.closest?.("[data-opens=more-places], [data-opens=help]")) document.getElementById(target.closest("[data-opens]").dataset.opens)?.showModal();
    else if (target.closest?.("#more-places a") || target.matches?.("dialog#more-places, dialog#help")) target.closest("dialog").close();
    else if (target.closest?.("[data-opens=keyboard-map]")) {
      close();
      map()?.showModal();
    } else if (target.closest?.("#palette [role=option]")) close();
    else if (target.closest?.("[data-closes-dialog]") || target === palette() || target === map()) target.closest("dialog").close();
  });
  document.addEventListener("pointermove", event => {
    const option = event.target.closest?.("#palette [role=option]");
    if (!option) return;
    const at = options().indexOf(option);
    if (at === active) return;
    active = at;
    mark();
  });
  // Another word begins at the first of what it finds.
  document.addEventListener("input", event => {
    const dialog = event.target.closest?.("#palette");
    if (!dialog) return;
    [active, pressed] = [0, false];
    // Static pages have no server behind them that would search: what is there is narrowed down here.
    if (isInteractive()) return;
    const words = event.target.value.toLowerCase().split(/\s+/);
    for (const option of dialog.querySelectorAll("[role=option]")) option.hidden = !words.every(word => option.textContent.toLowerCase().includes(word));
    mark();
  });
  // Opened again it is as new.
  document.addEventListener("close", event => {
    if (event.target.id !== "palette") return;
    pressed = false;
    const box = event.target.querySelector("[role=combobox]");
    if (box.value === "") return;
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }, true);
  // The server's answer makes options anew.
  new MutationObserver(() => {
    mark();
    if (pressed && palette()?.open) press();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-busy", "data-words"] });
})();
