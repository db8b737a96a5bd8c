// Drives Blazor's reconnect dialog (Shell/ReconnectModal.razor): the states are the framework's, the look is ours.
const dialog = document.getElementById("components-reconnect-modal");

const whenVisible = async () => {
  if (document.visibilityState === "visible") await reconnect();
};

async function reconnect() {
  document.removeEventListener("visibilitychange", whenVisible);
  try {
    if (await Blazor.reconnect()) return;
    // The server is there, the circuit is not: resume what was saved, else begin anew.
    if (await Blazor.resumeCircuit()) show(false);
    else location.reload();
  } catch {
    document.addEventListener("visibilitychange", whenVisible);
  }
}

async function resume() {
  try {
    if (!await Blazor.resumeCircuit()) location.reload();
  } catch {
    dialog.classList.replace("components-reconnect-paused", "components-reconnect-resume-failed");
  }
}

// Not modal, and opened without the focus going into it: who is typing keeps typing (js/fields.js keeps the text).
const show = open => {
  dialog.toggleAttribute("open", open);
  // A keystroke that found the connection gone is no error of the page: its text is kept and sent once it is back.
  document.getElementById("blazor-error-ui")?.style.setProperty("display", "none");
  document.documentElement.toggleAttribute("data-offline", open);
  document.dispatchEvent(new Event(open ? "portal-offline" : "portal-online"));
};

dialog?.addEventListener("components-reconnect-state-changed", ({ detail }) => {
  switch (detail.state) {
    case "show": show(true); break;
    case "hide": show(false); break;
    case "failed": document.addEventListener("visibilitychange", whenVisible); break;
    case "rejected": location.reload(); break;
  }
});
document.getElementById("components-reconnect-button")?.addEventListener("click", reconnect);
document.getElementById("components-resume-button")?.addEventListener("click", resume);
