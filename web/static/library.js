// The documents page: a job's progress as it happens, file by file, choosing all, and a question before deleting.
// Without this script the page does the same by forms, links and reloading.
const add = document.getElementById("add");
const input = document.getElementById("files");
const job = document.getElementById("job");
const confirmation = document.getElementById("confirm");
const texts = JSON.parse(document.getElementById("library").dataset.texts);

/** A text with what belongs into its {places}. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Says beside the input what is wrong with the chosen files, before they are sent in vain. */
function check() {
  const { maxBytes, maxTotal, maxFiles } = add.dataset;
  const large = Array.from(input.files).find((file) => file.size > Number(maxBytes));
  const total = Array.from(input.files).reduce((sum, file) => sum + file.size, 0);
  if (large) input.setCustomValidity(fill(texts.large, { name: large.name, megabytes: maxBytes / 1e6 }));
  else if (input.files.length > Number(maxFiles)) input.setCustomValidity(fill(texts.many, { files: maxFiles }));
  else if (total > Number(maxTotal)) input.setCustomValidity(fill(texts.heavy, { megabytes: maxTotal / 1e6 }));
  else input.setCustomValidity("");
}

/** How long a stage still takes, in words; time_left in library_pages.py says the same. */
function timeLeft(seconds) {
  if (seconds === null) return "";
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return texts.less;
  if (minutes < 60) return fill(texts.minutes, { minutes });
  return fill(texts.hours, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** Shows a state of the job; the sentence changes with the stage only, because it is read aloud. */
function show(state) {
  const bar = job.querySelector("progress");
  const told = bar.dataset[state.stage];
  const said = document.getElementById("said");
  if (told && said.textContent !== told) said.textContent = told;
  bar.max = state.total || 1;
  bar.value = state.done;
  const counted = state.stage === "checking" || state.stage === "reading";
  document.getElementById("count").textContent = counted ? fill(texts.count, state) : "";
  document.getElementById("left").textContent = timeLeft(state.seconds_left);
  const states = document.getElementById("states");
  const words = states && Object.assign({}, ...JSON.parse(states.dataset.texts));
  state.states.forEach((each, at) => {
    const line = states?.children[at];
    if (!line || line.className === each) return;
    line.className = each;
    line.querySelector(".verdict").textContent = words[each];
  });
}

/** Takes from the page as it is now what the job has changed. */
async function refresh() {
  const url = new URL(location.href);
  url.searchParams.set("job", job.dataset.id);
  url.searchParams.delete("deleted");
  const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
  job.className = page.getElementById("job").className;
  for (const id of ["detail", "library"]) {
    document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  }
  document.getElementById("said").textContent = page.getElementById("said").textContent;
  document.querySelector("main > .notice.bad")?.remove();
}

function follow() {
  const events = new EventSource(`/api/jobs/${job.dataset.id}/events`);
  events.addEventListener("message", (event) => {
    const state = JSON.parse(event.data);
    if (["done", "failed", "cancelled"].includes(state.status)) {
      events.close();
      refresh();
    } else show(state);
  });
  // The browser connects again by itself unless the service says no: then it has forgotten the job.
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) location.reload();
  });
}

function ask(event) {
  const link = event.target.closest("a.delete");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  confirmation.querySelector("form").action = link.href;
  for (const place of confirmation.querySelectorAll("[data-of]")) place.textContent = link.dataset[place.dataset.of];
  confirmation.showModal();
}

/** The box above the others chooses all of them, or none. */
function choose(event) {
  if (event.target.id !== "choose-all") return;
  for (const box of document.querySelectorAll("input[name=ids]")) box.checked = event.target.checked;
}

// Whoever may only read has no form to add files, and nothing to delete.
if (add) {
  input.addEventListener("change", check);
  add.addEventListener("submit", () => add.classList.add("sending"));
  addEventListener("pageshow", () => add.classList.remove("sending"));
  document.getElementById("library").addEventListener("change", choose);
  document.getElementById("library").addEventListener("click", ask);
}
if ("follow" in job.dataset) follow();
