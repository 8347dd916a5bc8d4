// An answer on the page: the source beside it follows the quote that is pointed at, citations are copied, and what is
// behind the answer is fetched when it is opened. Without this script a quote's link leads to its document.
const main = document.getElementById("main");
const live = document.getElementById("live");
const narrow = matchMedia("(max-width: 61.99rem)");
// What was fetched, by address: quotes are looked at more than once.
const fetched = new Map();

export const texts = JSON.parse(live.dataset.texts);

/** Has a text read aloud. */
export function say(text) {
  live.textContent = text;
}

export function current() {
  return main.querySelector(".quotes > .current");
}

/** The part of a page at an address; a promise. */
function part(url) {
  if (!fetched.has(url)) {
    const loading = fetch(url, { headers: { "X-Fragment": "1" } }).then((response) => {
      if (!response.ok || response.redirected) throw new Error();
      return response.text();
    });
    loading.catch(() => fetched.delete(url));
    fetched.set(url, loading);
  }
  return fetched.get(url);
}

/** Scrolls the pane, and nothing else, so that the mark is in its upper third, and its beginning at the left. */
function reveal() {
  const source = document.getElementById("source");
  const mark = source?.querySelector("mark, .mark");
  if (!mark) return;
  const [place, frame] = [mark, source].map((each) => each.getBoundingClientRect());
  if (source.scrollHeight > source.clientHeight) source.scrollTop += place.top - frame.top - source.clientHeight / 3;
  if (source.scrollWidth > source.clientWidth) source.scrollLeft += place.left - frame.left - 24;
}

/** Makes a quote the current one, and shows its source if the pane is open. */
async function choose(quote) {
  const source = document.getElementById("source");
  if (!source || quote === current()) return;
  current()?.classList.remove("current");
  quote.classList.add("current");
  try {
    const html = await part(quote.dataset.excerpt);
    // Meanwhile another one may have been chosen.
    if (quote !== current()) return;
    source.innerHTML = html;
    reveal();
  } catch {
    source.textContent = texts.pane_failed;
  }
}

/** Shows a quote's source, also where it was closed; on a narrow screen in a sheet over the answer. */
async function show(quote) {
  const pane = document.getElementById("pane");
  main.classList.remove("closed");
  pane.classList.add("open");
  if (narrow.matches) pane.querySelector(".close").focus({ preventScroll: true });
  await choose(quote);
  reveal();
}

export function move(step) {
  const quotes = [...main.querySelectorAll(".quotes > li")];
  const at = quotes.indexOf(document.activeElement.closest(".quotes > li"));
  // From nowhere, the first step is to the first quote.
  const next = quotes[at < 0 ? 0 : at + step];
  next?.querySelector("blockquote a").focus();
}

export function open() {
  location.assign(current().querySelector("blockquote a").href);
}

/** From the source back to its quote; where both are seen, the source closes. */
export function back() {
  const pane = document.getElementById("pane");
  if (!pane) return;
  if (narrow.matches) pane.classList.remove("open");
  else main.classList.add("closed");
  if (narrow.matches || pane.contains(document.activeElement)) current()?.querySelector("blockquote a").focus();
}

async function copy(text, from, button) {
  try {
    await navigator.clipboard.writeText(text);
    say(texts.copied);
    const before = button.textContent;
    button.textContent = texts.copied;
    setTimeout(() => { button.textContent = before; }, 1500);
  } catch {
    // Not allowed, or not over this connection.
    getSelection().selectAllChildren(from);
    say(texts.select);
  }
}

/** What a new answer needs: its verdict is read aloud, and the place of its first quote is seen. */
export function arrive() {
  const answer = main.querySelector(".answer");
  say(document.getElementById("verdict")?.textContent ?? main.querySelector(".notice")?.textContent ?? "");
  (answer ?? document.getElementById("q")).focus({ preventScroll: true });
  document.dispatchEvent(new Event("answer"));
  reveal();
  loadOpen();
}

/** Fetches what an open part of the page shows; the link in it still leads there if that fails. */
async function load(details) {
  const url = details.dataset.src;
  if (!url) return;
  delete details.dataset.src;
  try {
    const page = new DOMParser().parseFromString(await part(url), "text/html");
    details.querySelector(".loaded").replaceWith(page.querySelector(".loaded"));
  } catch {
    details.dataset.src = url;
  }
}

/** Fetches what is open from the start. */
function loadOpen() {
  for (const details of main.querySelectorAll("details[open][data-src]")) load(details);
}

function onClick(event) {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const target = event.target;
  const link = target.closest(".quotes > li > .n, .quotes blockquote a");
  const copier = target.closest("[data-copy]");
  const address = target.closest(".copy-link");
  // The Enter key on a link is a click without a count: it leads to the document as ever.
  if (link && event.detail && document.getElementById("pane")) {
    event.preventDefault();
    show(link.closest("li"));
  } else if (copier) {
    const text = copier.parentElement.querySelector("p");
    copy(text.textContent, text, copier);
  } else if (address) {
    event.preventDefault();
    copy(address.href, address, address.querySelector("span"));
  } else if (target.closest(".pane .close")) back();
}

/** Keeps a quote or the conversation without leaving the page; if that fails, the form is sent as without this script. */
async function keep(event) {
  const form = event.target;
  if (!form.matches("form.pin")) return;
  event.preventDefault();
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", headers: { "X-Fragment": "1" }, body });
    if (!response.ok || response.redirected) throw new Error();
    form.outerHTML = await response.text();
    say(texts.kept);
  } catch {
    say(texts.unkept);
    form.submit();
  }
}

main.addEventListener("submit", keep);
document.body.classList.add("js-sheet");
main.addEventListener("click", onClick);
main.addEventListener("pointerover", (event) => {
  const number = event.pointerType === "mouse" && event.target.closest(".quotes .n");
  if (number) choose(number.closest("li"));
});
main.addEventListener("focusin", (event) => {
  const quote = event.target.matches(".quotes blockquote a") && event.target.closest("li");
  if (quote) choose(quote);
});
// "toggle" does not bubble.
main.addEventListener("toggle", (event) => { if (event.target.open) load(event.target); }, true);
addEventListener("hashchange", () => {
  const quote = /^#quote-\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (quote) choose(quote);
});
reveal();
loadOpen();
