// The browser's half of Ui/TextInput.razor. Every text field says in data-held what the server holds of it (a stamp: see
// Ui/TextStamp.cs). From that follow four promises:
//   1. what a person types is never replaced by an older state of the server;
//   2. a click on an action waits until the server holds what stands in the fields beside it;
//   3. what was typed before the page was interactive, while offline, or before a reload, is there afterwards;
//   4. text that is too long is not cut and does not cut the connection: the field says so.
(() => {
  const many = 4096;                 // characters from which a pause is waited for before they are sent
  const pause = 300, patience = 10_000, again = 2_000;   // milliseconds
  const actions = "button:not([data-closes]):not(.mud-dialog-actions > .btn:not(.pri, .bad))";

  const typed = new WeakMap();       // field → what was typed last and not answered yet
  const touched = new Map();         // id → field, for a reload
  const timers = new WeakMap();
  const early = new Map();           // id → { text, focused, from, to }: typed into a field that is gone
  const waiting = new WeakSet();
  let place = location.pathname;
  let ours = false;
  let absent = null;                 // the id of an early field that had the focus and is not there again

  const stamp = text => {
    let hash = 2166136261;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
    return `${text.length}.${(hash >>> 0).toString(16)}`;
  };
  const isField = element => element?.dataset?.held !== undefined;
  const isInteractive = () => document.querySelector("[data-interactive=true]") !== null;
  const isOffline = () => document.body.dataset.offline !== undefined;
  // A browser leaves out seconds that are zero, and Blazor puts them back before it tells the server.
  const said = field => field.type === "datetime-local" && field.value.length === 16 ? `${field.value}:00` : field.value;
  const isHeld = field => field.dataset.held === stamp(said(field));

  const tooLong = field => {
    const longest = Number(field.dataset.longest), length = field.value.length;
    const words = length > longest ? `This text is ${length.toLocaleString("en-US")} characters long. The limit is ${longest.toLocaleString("en-US")}.` : "";
    field.setCustomValidity(words);
    return words !== "";
  };

  const send = field => {
    clearTimeout(timers.get(field));
    if (!field.isConnected || isOffline() || !isInteractive() || tooLong(field)) return;
    ours = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    ours = false;
  };

  const selection = field => {
    try {
      return [field.selectionStart, field.selectionEnd];
    } catch {
      return [null, null];
    }
  };

  const remember = field => {
    const [from, to] = selection(field);
    early.set(field.id, { text: field.value, focused: document.activeElement === field, secret: field.dataset.secret !== undefined, from, to });
  };

  // Before Blazor, which listens at the document.
  addEventListener("input", event => {
    const field = event.target;
    if (ours || !isField(field)) return;
    // Half of a surrogate pair is no text: no server takes it.
    if (field.value.isWellFormed?.() === false) field.value = field.value.toWellFormed();
    typed.set(field, field.value);
    touched.set(field.id, field);
    if (!isInteractive()) {
      remember(field);
      return;
    }
    clearTimeout(timers.get(field));
    if (tooLong(field) || isOffline()) event.stopImmediatePropagation();
    else if (field.value.length > many) {
      event.stopImmediatePropagation();
      timers.set(field, setTimeout(() => send(field), pause));
    }
  }, true);

  /** True when the event has to wait; `then` does it again. */
  const holdsBack = (event, scope, then) => {
    if (!scope || !isInteractive()) return;
    const fields = [...scope.querySelectorAll("[data-held]")];
    const long = fields.find(tooLong);
    const late = fields.filter(field => !isHeld(field));
    if (!long && late.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (long) {
      long.reportValidity();
      return;
    }
    if (waiting.has(scope)) return;
    waiting.add(scope);
    const began = performance.now();
    let asked = -Infinity;
    const look = () => {
      const missing = [...scope.querySelectorAll("[data-held]")].filter(field => !isHeld(field));
      const now = performance.now();
      if (!scope.isConnected || missing.length === 0 || now - began > patience) {
        waiting.delete(scope);
        if (!scope.isConnected) return;
        if (missing.length === 0) then();
        else complain(missing[0]);
        return;
      }
      if (now - asked > again) {
        asked = now;
        missing.forEach(send);
      }
      setTimeout(look, 20);
    };
    look();
  };

  // A refusal at a field is about what stood in it: it goes as soon as that changes, and comes back when it is refused again.
  const outdate = field => {
    const said = field.closest?.(".field")?.querySelector(".error");
    if (!said) return;
    said.dataset.old = "";
    field.setAttribute("aria-invalid", "false");
  };
  addEventListener("input", event => outdate(event.target), true);
  addEventListener("change", event => outdate(event.target), true);

  /** After something was sent: what was refused once more is said once more, and the first of the fields is where one goes on. */
  const sent = scope => {
    const began = performance.now();
    const look = () => {
      const late = performance.now() - began;
      if (!scope.isConnected || late > 3_000) return;
      if (late > 400) for (const said of scope.querySelectorAll(".error[data-old]")) {
        delete said.dataset.old;
        said.closest(".field")?.querySelector("[aria-invalid]")?.setAttribute("aria-invalid", "true");
      }
      const wrong = scope.querySelector(".field:has(.error:not([data-old])) :is(input, select, textarea)");
      if (wrong) wrong.focus();
      else setTimeout(look, 50);
    };
    setTimeout(look, 50);
  };

  const complain = field => {
    field.setCustomValidity("Nothing was sent because the connection is interrupted. Your text is still here. Try again in a moment.");
    field.reportValidity();
    setTimeout(() => field.setCustomValidity(""), 4_000);
  };

  let replayed = null;
  addEventListener("click", event => {
    // A click that no server hears must not look done.
    if (isOffline() && event.target.closest?.("a, button, label, select, summary, input:not([data-held])") && !event.target.closest("#components-reconnect-modal, [data-copy], [data-copy-from]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const button = event.target.closest?.(actions);
    if (button?.matches(".mud-dialog-actions > .btn") && !button.disabled) sent(button.closest(".mud-dialog"));
    if (!button || button.disabled || button.type === "submit" && button.form || replayed === button) return;
    holdsBack(event, button.closest("form, .mud-dialog, .card"), () => {
      if (button.disabled || !button.isConnected) return;
      replayed = button;
      button.click();
      replayed = null;
    });
  }, true);
  addEventListener("submit", event => {
    const form = event.target;
    sent(form);
    if (replayed === form) return;
    const by = event.submitter;
    holdsBack(event, form, () => {
      replayed = form;
      form.requestSubmit(by?.isConnected && !by.disabled ? by : undefined);
      replayed = null;
    });
  }, true);
  // A dialog's fields stand apart from its buttons: Enter presses the one that acts, as it does in a form.
  addEventListener("keydown", event => {
    const field = event.target;
    const dialog = event.key === "Enter" && !event.isComposing && field.tagName === "INPUT" && !field.form && field.closest(".mud-dialog");
    if (!dialog || isOffline()) return;
    const press = () => dialog.querySelector(".mud-dialog-actions > .btn:is(.pri, .bad):enabled")?.click();
    holdsBack(event, dialog, press);
    if (event.defaultPrevented) return;
    event.preventDefault();
    press();
  }, true);

  // The server wrote into a field. Where it knew what was typed, it may; where it did not, the person is right.
  const answered = (field, before) => {
    const text = typed.get(field);
    if (text === undefined) return;
    if (field.value === text || before === stamp(text)) {
      if (field.value !== text || isHeld(field)) typed.delete(field);
      return;
    }
    field.value = text;
    send(field);
  };

  // The first interactive rendering makes every field anew, and so does a page that was loaded again.
  const restore = () => {
    if (location.pathname !== place) {
      place = location.pathname;
      early.clear();
      touched.clear();
      absent = null;
    }
    if (early.size === 0 || !isInteractive()) return;
    for (const [id, kept] of early) {
      const field = document.getElementById(id);
      if (!isField(field)) {
        if (kept.focused) absent = id;
        continue;
      }
      early.delete(id);
      if (absent === id) absent = null;
      typed.set(field, kept.text);
      touched.set(id, field);
      if (field.value !== kept.text) {
        field.value = kept.text;
        send(field);
      }
      if (kept.focused) focusAgain(field, kept);
    }
  };

  const focusAgain = (field, kept) => {
    field.focus({ preventScroll: true });
    if (kept.from === null) return;
    try {
      field.setSelectionRange(kept.from, kept.to);
    } catch {
      // Numbers and addresses have no selection.
    }
  };

  // A page that became interactive puts the focus on its heading, a moment after somebody may have begun to type. Where
  // the address is still the same, the field keeps it.
  let focusedAt = "";
  addEventListener("focusin", event => {
    const left = event.relatedTarget;
    if (isField(event.target)) focusedAt = location.pathname;
    else if (event.target.matches?.("h1") && isField(left) && left.isConnected && focusedAt === location.pathname) left.focus({ preventScroll: true });
  }, true);

  // Keys between the painted page and the interactive one, while the field is not there.
  addEventListener("keydown", event => {
    const kept = absent === null ? null : early.get(absent);
    if (!kept || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (event.key.length === 1) kept.text += event.key;
    else if (event.key === "Backspace") kept.text = kept.text.slice(0, -1);
    else return;
    [kept.from, kept.to] = kept.from === null ? [null, null] : [kept.text.length, kept.text.length];
    event.preventDefault();
  }, true);

  new MutationObserver(records => {
    const before = new Map();
    for (const record of records)
      if (record.type === "attributes" && !before.has(record.target)) before.set(record.target, record.oldValue);
    for (const [field, value] of before) answered(field, value);
    restore();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-held", "data-interactive"], attributeOldValue: true });

  // What is sent again to a slow server may arrive when its form has been answered and is gone: nobody waits for it there.
  addEventListener("unhandledrejection", event => {
    if (/DispatchEventAsync|no event handler associated/.test(event.reason?.message)) event.preventDefault();
  });

  document.addEventListener("portal-offline", () => { document.body.dataset.offline = ""; });
  document.addEventListener("portal-online", () => {
    delete document.body.dataset.offline;
    for (const field of document.querySelectorAll("[data-held]"))
      if (!isHeld(field)) send(field);
  });

  // Over a reload, the person's own or one after a restart of the server; in this window only, and never secrets.
  const store = "portal-typed";
  addEventListener("pagehide", () => {
    const kept = [...touched].filter(([, field]) => field.isConnected && field.dataset.secret === undefined).map(([id, field]) => [id, field.value]);
    for (const [id, { text, secret }] of early) if (!secret && !kept.some(([other]) => other === id)) kept.push([id, text]);
    try {
      if (kept.length > 0) sessionStorage.setItem(store, JSON.stringify({ place: location.pathname, kept }));
      else sessionStorage.removeItem(store);
    } catch {
      // Storage that is full or forbidden only means that nothing is kept.
    }
  });
  try {
    const before = JSON.parse(sessionStorage.getItem(store));
    sessionStorage.removeItem(store);
    if (before?.place === place && performance.getEntriesByType("navigation")[0]?.type === "reload")
      for (const [id, text] of before.kept) early.set(id, { text, focused: false, from: null, to: null });
  } catch {
    // Nothing that can be read.
  }
})();
