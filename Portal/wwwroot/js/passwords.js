// Password fields of the account pages: a button that shows what is typed, and a meter where a password is chosen.
// Neither sends a form, and without this script the fields are plain ones.
(() => {
  const wait = 400;
  let timer;
  let asking;

  const show = (field, shown) => {
    if (!field || (field.type === "text") === shown) return;
    field.type = shown ? "text" : "password";
    const button = document.querySelector(`[data-shows="${field.id}"]`);
    if (button) {
      button.textContent = shown ? "Hide" : "Show";
      button.setAttribute("aria-label", shown ? "Hide password" : "Show password");
    }
    const said = document.querySelector(`[data-shown="${field.id}"]`);
    if (said) said.textContent = shown ? "Your password is visible." : "Your password is hidden.";
  };

  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-shows]");
    if (!button) return;
    const field = document.getElementById(button.dataset.shows);
    show(field, field.type === "password");
  });

  // Hidden again before it is sent: browsers keep what was sent from a visible field for the next visitor.
  document.addEventListener("submit", event => {
    for (const button of event.target.querySelectorAll?.("[data-shows]") ?? []) show(document.getElementById(button.dataset.shows), false);
  }, true);

  const rated = (field, score, words) => {
    const meter = document.getElementById(`${field.id}-strength`);
    if (!meter) return;
    meter.dataset.score = score;
    const place = meter.querySelector(".words");
    // Said once, not with every key.
    if (place.textContent !== words) place.textContent = words;
  };

  const ask = async field => {
    const form = field.form;
    asking?.abort();
    asking = new AbortController();
    const typed = field.value;
    const body = new URLSearchParams({
      __RequestVerificationToken: form.querySelector("[name=__RequestVerificationToken]").value,
      password: typed,
      email: form.querySelector("[name='Input.Email']")?.value ?? "",
    });
    try {
      const answer = await fetch("password-rating", { method: "POST", body, signal: asking.signal });
      if (!answer.ok) throw new Error();
      const { score, words } = await answer.json();
      if (field.value === typed) rated(field, score, words);
    } catch (error) {
      // Without an answer there is no meter; the form says what is wrong with a password.
      if (error.name !== "AbortError") rated(field, "", "");
    }
  };

  document.addEventListener("input", event => {
    const field = event.target;
    const least = Number(field.dataset?.rated);
    if (!least) return;
    clearTimeout(timer);
    asking?.abort();
    const length = field.value.length;
    if (length === 0) rated(field, "", "");
    // Told without asking: it is half of all questions.
    else if (length < least) timer = setTimeout(() => rated(field, 0, `${length} of at least ${least} characters.`), wait);
    else timer = setTimeout(() => ask(field), wait);
  });
})();
