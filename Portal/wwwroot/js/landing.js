// The price calculator: sliders beside the numbers, and the estimate while they move. The amounts are the server's:
// the page is asked again with the same form, and only its estimate is taken over.
document.querySelectorAll("[data-calculator]").forEach(form => {
  const estimate = form.parentElement.querySelector("[data-estimate]");
  const pairs = [...form.querySelectorAll("input[type=range]")].map(slider => ({
    slider, number: slider.parentElement.querySelector("input[type=number]"), stops: slider.dataset.stops.split(" ").map(Number),
  }));
  let asked = 0, timer;

  const follow = ({ slider, number, stops }) => {
    const value = Number(number.value);
    slider.value = Math.max(0, stops.findLastIndex(stop => stop <= value));
    slider.setAttribute("aria-valuetext", `${number.value} ${number.nextElementSibling.textContent}`);
  };

  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`?${query}`, { headers: { accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-estimate]");
      // A slower answer to an earlier question is no news.
      if (mine !== asked || !fresh) return;
      estimate.replaceChildren(...fresh.childNodes);
      delete estimate.dataset.stale;
      history.replaceState(history.state, "", `?${query}${location.hash}`);
    } catch {
      if (mine === asked) estimate.dataset.stale = "We couldn't update the estimate. Check your connection and try again.";
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  };

  for (const pair of pairs) {
    pair.slider.hidden = false;
    follow(pair);
    pair.slider.addEventListener("input", () => {
      pair.number.value = pair.stops[pair.slider.value];
      follow(pair);
      soon();
    });
    pair.number.addEventListener("input", () => {
      follow(pair);
      soon();
    });
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    ask();
  });

  form.querySelectorAll(".presets a").forEach(preset => preset.addEventListener("click", event => {
    event.preventDefault();
    const wanted = new URL(preset.href).searchParams;
    for (const pair of pairs) {
      pair.number.value = wanted.get(pair.number.name);
      follow(pair);
    }
    form.querySelectorAll(".presets a").forEach(other => other === preset ? other.setAttribute("aria-current", "true") : other.removeAttribute("aria-current"));
    ask();
  }));
});
