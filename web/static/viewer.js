// Shows the characters that the address names (#char=start,end, RFC 5147). In a text, a link to one sentence works
// without this script, by the sentence's id; this is for spans of any other extent. On a printed page the server has
// marked the words that the query names; an address without a query is completed here. Keys turn and zoom the page.
const article = document.getElementById("text");

/** The [node, offset] pairs of two positions counted in code points of the article's text. */
function locate(positions) {
  const found = [];
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walker.nextNode(); node && found.length < positions.length; node = walker.nextNode()) {
    const points = Array.from(node.data);
    while (found.length < positions.length && positions[found.length] <= seen + points.length) {
      found.push([node, points.slice(0, positions[found.length] - seen).join("").length]);
    }
    seen += points.length;
  }
  return found.length === positions.length ? found : null;
}

/** Wraps every text node between two places in a <mark>; a range across elements cannot be wrapped in one piece. */
function wrap([first, from], [last, to]) {
  const range = document.createRange();
  range.setStart(first, from);
  range.setEnd(last, to);
  const nodes = [];
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (range.intersectsNode(node)) nodes.push(node);
  }
  return nodes.flatMap((node) => {
    const part = document.createRange();
    part.setStart(node, node === first ? from : 0);
    part.setEnd(node, node === last ? to : node.length);
    if (part.collapsed) return [];
    const mark = document.createElement("mark");
    part.surroundContents(mark);
    return mark;
  });
}

function show() {
  const span = /^#char=(\d+)(?:,|%2C)(\d+)$/i.exec(location.hash);
  if (!article) {
    const known = new URLSearchParams(location.search).get("mark");
    if (span && known !== `${span[1]}-${span[2]}`) location.replace(`?mark=${span[1]}-${span[2]}${location.hash}`);
    return;
  }
  for (const mark of article.querySelectorAll("mark")) mark.replaceWith(...mark.childNodes);
  article.normalize();
  if (!span || document.getElementById(`char=${span[1]},${span[2]}`)) return;
  const [start, end] = [Number(span[1]), Number(span[2])];
  const places = start < end ? locate([start, end]) : null;
  if (places) wrap(...places)[0]?.scrollIntoView({ block: "center" });
}

const KEYS = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]", "+": "#larger", "-": "#smaller" };

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("find")?.select();
  }
  if (event.key in KEYS) document.querySelector(KEYS[event.key])?.click();
});
addEventListener("hashchange", show);
show();
