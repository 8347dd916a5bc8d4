// The question page without a page change: the form and the links that ask are fetched and replace the main part, Back
// works, and the keys. Whatever goes wrong here ends in the ordinary navigation that happens without this script.
import { arrive, back, current, move, open, say, texts } from "./answer.js";

const main = document.getElementById("main");
const keys = document.getElementById("keys");
let asked = location.pathname + location.search;
let asking = null;

/** Shows at once that an answer is being looked for, in the shape that it will have. */
function wait() {
  main.className = "home wide";
  const waiting = document.getElementById("waiting").content.cloneNode(true);
  document.getElementById("result").replaceChildren(waiting.firstElementChild);
  document.getElementById("pane")?.remove();
  main.append(waiting.lastElementChild);
  main.setAttribute("aria-busy", "true");
  say(texts.looking);
}

/** Puts the main part of another page in this one's place; of one that only tells of a problem, below the form. */
function replace(page) {
  const next = page.getElementById("main");
  document.title = page.title;
  main.removeAttribute("aria-busy");
  main.className = next.className;
  if (next.querySelector("#q")) main.replaceChildren(...next.childNodes);
  else {
    main.querySelector(".pane")?.remove();
    document.getElementById("result").replaceChildren(...next.childNodes);
  }
  arrive();
}

function fail(url) {
  const notice = document.createElement("section");
  const link = document.createElement("a");
  Object.assign(link, { href: url, textContent: texts.again });
  link.dataset.plain = "";
  notice.className = "notice bad";
  notice.append(`${texts.failed} `, link);
  main.className = "home";
  main.removeAttribute("aria-busy");
  main.querySelector(".pane")?.remove();
  document.getElementById("result").replaceChildren(notice);
  say(texts.failed);
}

async function visit(url) {
  asking?.abort();
  const own = (asking = new AbortController());
  asked = url;
  wait();
  let response;
  try {
    response = await fetch(url, {
      headers: { Accept: "text/html", "X-Fragment": "1" }, cache: "no-store", signal: own.signal,
    });
    const text = await response.text();
    const page = new DOMParser().parseFromString(text, "text/html");
    // Another page than the one that was asked for: where one signs in, for example.
    if (response.redirected || !page.getElementById("main")) location.assign(url);
    else if (own === asking) replace(page);
  } catch (error) {
    if (own !== asking) return;
    if (response) location.assign(url);
    else fail(url);
  }
}

function go(url) {
  history[url === asked ? "replaceState" : "pushState"](null, "", url);
  scrollTo({ top: 0, behavior: "instant" });
  visit(url);
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.ask, .narrow-form") || form.getAttribute("action") !== "/") return;
  event.preventDefault();
  const given = [...new FormData(form)].filter(([, value]) => value);
  go(`/?${new URLSearchParams(given)}`);
});

addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const link = event.target.closest("main a[href]");
  if (!link || link.origin !== location.origin || link.pathname !== "/" || !link.search) return;
  // To a place on this page, or a link that is to reload it.
  if (link.hash || "plain" in link.dataset) return;
  event.preventDefault();
  go(link.pathname + link.search);
});

addEventListener("popstate", () => {
  const url = location.pathname + location.search;
  if (url !== asked) visit(url);
});

/** What a key does, or nothing if it is not for this page. */
function press(event) {
  const isTyping = event.target.closest("input, textarea, select");
  if (event.key === "Escape") return isTyping ? () => isTyping.blur() : back;
  if (isTyping) return null;
  const onQuote = event.target.closest(".quotes > li");
  const steps = { j: 1, k: -1, ...(onQuote && { ArrowDown: 1, ArrowUp: -1 }) };
  if (event.key in steps) return () => move(steps[event.key]);
  if (event.key === "/") return () => document.getElementById("q").select();
  if (event.key === "?") return () => keys.showModal();
  if (event.key === "Enter" && event.target === document.activeElement && event.target.matches(".answer, #main, body"))
    return current() && open;
  return null;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const act = press(event);
  if (!act) return;
  event.preventDefault();
  act();
});
