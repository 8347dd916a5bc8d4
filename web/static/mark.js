// Marks the characters that the address names (#char=start,end, RFC 5147) in the document's text and shows them.
// A link to one sentence works without this script, by the sentence's id; this is for spans of any other extent.
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
  for (const mark of article.querySelectorAll("mark")) mark.replaceWith(...mark.childNodes);
  article.normalize();
  const span = /^#char=(\d+)(?:,|%2C)(\d+)$/i.exec(location.hash);
  if (!span || document.getElementById(`char=${span[1]},${span[2]}`)) return;
  const [start, end] = [Number(span[1]), Number(span[2])];
  const places = start < end ? locate([start, end]) : null;
  if (places) wrap(...places)[0]?.scrollIntoView({ block: "center" });
}

addEventListener("hashchange", show);
show();
