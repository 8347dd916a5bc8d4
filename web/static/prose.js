// Below the quotes: what a language model makes of them. Each sentence comes once the service has checked it; one that
// the quotes do not support is struck through, with the reason. Without this script the page shows the quotes.
const prose = document.getElementById("prose");
const said = prose.querySelector(".said");
const note = prose.querySelector(".meta");

/** An element with this text. */
function make(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function sentence({ text, citations, supported, reason }) {
  const all = [make(supported ? "span" : "s", text)];
  for (const n of citations) {
    const link = make("a", n);
    if (document.getElementById(`quote-${n}`)) link.href = `#quote-${n}`;
    all.push(" ", link);
  }
  if (!supported) all.push(" ", make("small", `not supported: ${reason}`));
  said.append(...all, " ");
}

function done(whole) {
  if (!whole?.sentences.length) prose.remove();
  else {
    const struck = whole.sentences.filter((each) => !each.supported).length;
    note.textContent = `Written by ${whole.model} in ${(whole.took_ms / 1000).toFixed(1)} s, checked by program` +
      `${struck ? `, ${struck} of ${whole.sentences.length} sentences struck` : ""}. Who did what to whom is for you to check.`;
  }
}

function problem({ message }) {
  note.textContent = `No more of it: ${message}. The quotes stand.`;
}

const handlers = { sentence, done, problem };

async function read() {
  const response = await fetch("/api/v1/ask/stream", {
    method: "POST", headers: { "content-type": "application/json" }, body: prose.dataset.asked,
  });
  if (!response.ok) throw new Error();
  let text = "";
  for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
    const { value, done: over } = await reader.read();
    if (over) return;
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) {
      const [, name, data] = event.match(/^event: (.*)\ndata: (.*)$/) ?? [];
      handlers[name]?.(JSON.parse(data));
    }
  }
}

prose.hidden = false;
read().catch(() => problem({ message: "the service did not answer" }));
