// Below the quotes: what a language model makes of them. Each sentence comes once the service has checked it; one that
// the quotes do not support is struck through, with the reason. Without this script the page shows the quotes.
let reading = null;

/** An element with this text. */
function make(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** A text with what belongs into its {places}. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** What each event does to the element. */
function handlers(prose, texts) {
  const said = prose.querySelector(".said");
  const note = prose.querySelector(".meta");
  return {
    sentence({ text, citations, supported, reason }) {
      const all = [make(supported ? "span" : "s", text)];
      for (const n of citations) {
        const link = make("a", n);
        if (document.getElementById(`quote-${n}`)) link.href = `#quote-${n}`;
        all.push(" ", link);
      }
      if (!supported) all.push(" ", make("small", fill(texts.unsupported, { reason })));
      said.append(...all, " ");
    },
    done(whole) {
      if (!whole?.sentences.length) prose.remove();
      else {
        const all = whole.sentences.length;
        const struck = whole.sentences.filter((each) => !each.supported).length;
        const values = { model: whole.model, seconds: (whole.took_ms / 1000).toFixed(1), struck, all };
        note.textContent = `${fill(struck ? texts.struck : texts.written, values)} ${texts.yours}`;
      }
    },
    problem({ message }) {
      note.textContent = fill(texts.problem, { message });
    },
  };
}

async function read(prose, handle, signal) {
  const response = await fetch("/api/v1/ask/stream", {
    method: "POST", headers: { "content-type": "application/json" }, body: prose.dataset.asked, signal,
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
      handle[name]?.(JSON.parse(data));
    }
  }
}

/** Reads what belongs to the answer on the page; what belonged to the one before is not wanted any more. */
function start() {
  reading?.abort();
  const prose = document.getElementById("prose");
  if (!prose) return;
  reading = new AbortController();
  const texts = JSON.parse(prose.dataset.texts);
  const handle = handlers(prose, texts);
  prose.hidden = false;
  read(prose, handle, reading.signal).catch(() => handle.problem({ message: texts.silent }));
}

document.addEventListener("answer", start);
start();
