// What stands in a wizard's form (<form data-draft="account/name">), kept in this window until it is created: over a reload,
// a restart of the server, another page and back. The browser keeps it by itself, so that nothing is lost with a connection;
// Ui/KeptDraft.razor reads it. Never secrets, nothing after a sign-out here, and of another account nothing is shown: a
// sign-out in another window is not heard in this one.
(() => {
  const prefix = "portal-draft:", pause = 150;
  const late = new Map();            // name → what is not written yet
  let timer = 0;

  const parse = text => {
    try {
      const held = JSON.parse(text);
      return held !== null && typeof held === "object" ? held : {};
    } catch {
      return {};
    }
  };
  const kept = name => {
    try {
      return late.get(name) ?? parse(sessionStorage.getItem(prefix + name));
    } catch {
      return {};
    }
  };
  const flush = () => {
    clearTimeout(timer);
    for (const [name, values] of late) {
      try {
        sessionStorage.setItem(prefix + name, JSON.stringify(values));
      } catch {
        // Storage that is full or forbidden only means that nothing is kept.
      }
    }
    late.clear();
  };
  const forget = name => {
    late.delete(name);
    try {
      sessionStorage.removeItem(prefix + name);
    } catch {
      // Nothing is kept where nothing may be.
    }
  };

  const note = event => {
    const field = event.target, form = field.closest?.("form[data-draft]");
    if (!form || field.type === "file" || field.dataset.secret !== undefined) return;
    const key = field.type === "radio" ? field.name : field.id;
    if (!key || field.type === "radio" && !field.checked) return;
    const name = form.dataset.draft;
    late.set(name, { ...kept(name), [key]: field.type === "checkbox" ? `${field.checked}` : field.value });
    clearTimeout(timer);
    timer = setTimeout(flush, pause);
  };
  addEventListener("input", note, true);
  addEventListener("change", note, true);
  addEventListener("pagehide", flush);
  addEventListener("submit", event => {
    if (!event.target.action?.endsWith("/sign-out")) return;
    flush();
    for (const key of Object.keys(sessionStorage).filter(key => key.startsWith(prefix))) sessionStorage.removeItem(key);
  }, true);

  window.portalDrafts = {
    read: kept,
    forget,
    /** For what the page itself put into a field. */
    set: (name, key, value) => {
      late.set(name, { ...kept(name), [key]: value });
      flush();
    },
  };
})();
