// The page of comparisons: its table at once, and each cell as it comes. Without this script the page comes whole.
const main = document.getElementById("main");
let coming = null;

/** A text with what belongs into its {places}. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Has the cells of the table on the page come in. */
function follow() {
  coming?.close();
  const table = main.querySelector(".comparison");
  if (!table?.querySelector(".waiting")) return;
  const live = document.getElementById("live");
  const texts = JSON.parse(live.dataset.texts);
  const line = table.querySelector(".progress");
  const bar = line.querySelector("progress");
  const say = (text) => { line.querySelector("span").textContent = text; };
  line.hidden = false;
  say(fill(texts.count, { done: 0, total: bar.max }));
  const own = (coming = new EventSource(table.dataset.cells));
  own.addEventListener("cell", (event) => {
    const { id, html } = JSON.parse(event.data);
    const cell = document.getElementById(id);
    cell.innerHTML = html;
    if (cell.classList.contains("waiting")) bar.value += 1;
    cell.classList.remove("waiting");
    say(fill(texts.count, { done: bar.value, total: bar.max }));
  });
  own.addEventListener("done", () => {
    own.close();
    line.hidden = true;
    live.textContent = texts.done;
  });
  own.addEventListener("problem", (event) => {
    own.close();
    say(JSON.parse(event.data).message);
  });
  // The browser would begin anew by itself; the page does that whole.
  own.addEventListener("error", () => {
    own.close();
    say(texts.failed);
  });
}

async function visit(url) {
  const response = await fetch(url, { headers: { Accept: "text/html", "X-Fragment": "1" }, cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.getElementById("compared");
  // Another page than the one that was asked for: where one signs in, for example.
  if (response.redirected || !next) throw new Error();
  main.className = page.getElementById("main").className;
  document.getElementById("compared").replaceWith(next);
  document.getElementById("comparison")?.focus({ preventScroll: true });
  follow();
}

addEventListener("submit", (event) => {
  if (!event.target.matches("form.compare")) return;
  event.preventDefault();
  const given = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
  const url = `/compare?${given}`;
  history.pushState(null, "", url);
  visit(url).catch(() => location.assign(url));
});

addEventListener("popstate", () => location.reload());
follow();
