// The documents page: files dropped anywhere, a job's progress as it happens, and a question before deleting.
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

/** The files among what was dropped; a browser gives a folder the looks of a file that cannot be read. */
function dropped(transfer) {
  const files = new DataTransfer();
  for (const item of transfer.items) {
    if (item.kind === "file" && item.webkitGetAsEntry()?.isFile !== false) files.items.add(item.getAsFile());
  }
  return files.files;
}

function drop(event) {
  document.body.classList.remove("dropping");
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  if (add.classList.contains("sending") || confirmation.open) return;
  input.files = dropped(event.dataTransfer);
  check();
  add.requestSubmit();
}

function dragOver(event) {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  document.body.classList.add("dropping");
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
  const words = bar.dataset[state.stage];
  const said = document.getElementById("said");
  if (words && said.textContent !== words) said.textContent = words;
  bar.max = state.total || 1;
  bar.value = state.done;
  const counted = state.stage === "checking" || state.stage === "reading";
  document.getElementById("count").textContent = counted ? fill(texts.count, state) : "";
  document.getElementById("left").textContent = timeLeft(state.seconds_left);
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

// Whoever may only read has no form to add files, and nothing to delete.
if (add) {
  input.addEventListener("change", check);
  add.addEventListener("submit", () => add.classList.add("sending"));
  addEventListener("pageshow", () => add.classList.remove("sending"));
  addEventListener("dragover", dragOver);
  addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
  addEventListener("drop", drop);
  document.getElementById("library").addEventListener("click", ask);
}
if ("follow" in job.dataset) follow();
