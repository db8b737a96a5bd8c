// Passkeys: a form with data-passkey asks the browser's authenticator, puts its answer into the form's hidden field and
// is sent then. Where the challenge comes from is in data-offer.
const answerOf = async (form, mediation, signal) => {
  const token = form.querySelector("[name=__RequestVerificationToken]").value;
  const offer = await fetch(form.dataset.offer, { method: "POST", body: new URLSearchParams({ __RequestVerificationToken: token }), signal });
  const text = await offer.text();
  if (!offer.ok) throw new Error(text.startsWith("{") ? JSON.parse(text).detail : "The portal does not answer. Try again.");
  const options = JSON.parse(text);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), mediation, signal });
};

const send = (form, credential) => {
  form.querySelector("[data-passkey-answer]").value = JSON.stringify(credential);
  form.submit();
};

const say = (form, text) => {
  const place = form.querySelector("[data-passkey-problem]");
  place.textContent = text;
  place.hidden = !text;
};

const unsupported = "This browser doesn't support passkeys here. Use another browser, or sign in with your password.";

// A browser's own sentences are for developers; ours are of the class Error.
const saidOf = error => ({
  InvalidStateError: "This device already has a passkey for your account.",
  NotAllowedError: "The passkey dialog was closed or timed out. Try again.",
  AbortError: "The passkey dialog was closed. Try again.",
  NotSupportedError: unsupported,
  NotReadableError: "Your device couldn't read the passkey. Try again.",
  ConstraintError: "Your device can't create this kind of passkey. Use another device or a security key.",
  SecurityError: "Passkeys don't work at this address. Open Portal at its own address, over https.",
  Error: error.message,
})[error.name] ?? "The passkey couldn't be used. Try again, or sign in with your password.";

// What the browser offers while the address is typed gives way to the button.
let offered;

document.addEventListener("submit", async event => {
  const form = event.target.closest?.("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  offered?.abort();
  say(form, "");
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    say(form, unsupported);
    return;
  }
  try {
    send(form, await answerOf(form));
  } catch (error) {
    say(form, saidOf(error));
  }
});

const offerWhileTyping = async () => {
  const form = document.querySelector("form[data-passkey][data-while-typing]");
  if (!form || !(await window.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
  offered?.abort();
  offered = new AbortController();
  try {
    const credential = await answerOf(form, "conditional", offered.signal);
    if (credential) send(form, credential);
  } catch {
    // Nobody asked for it, so nobody misses it; the button says what is wrong.
  }
};

offerWhileTyping();
window.Blazor?.addEventListener("enhancedload", offerWhileTyping);
