// Files that are dropped on any page are added to the library. Without this script its form does that.
const overlay = document.getElementById("drop");

/** The files among what was dropped; a browser gives a folder the looks of a file that cannot be read. */
function dropped(transfer) {
  const files = new DataTransfer();
  for (const item of transfer.items) {
    if (item.kind === "file" && item.webkitGetAsEntry()?.isFile !== false) files.items.add(item.getAsFile());
  }
  return files.files;
}

/** The library's form, where the page has it; else one like it. */
function form() {
  const own = document.getElementById("add");
  if (own) return own;
  const made = document.createElement("form");
  const input = document.createElement("input");
  Object.assign(made, { action: "/documents", method: "post", enctype: "multipart/form-data", hidden: true });
  Object.assign(input, { type: "file", name: "files", multiple: true });
  made.append(input);
  document.body.append(made);
  return made;
}

function drop(event) {
  document.body.classList.remove("dropping");
  if (!event.dataTransfer.types.includes("Files")) return;
  // A field for a file takes it itself.
  if (event.target.closest?.("input[type=file]")) return;
  event.preventDefault();
  const files = dropped(event.dataTransfer);
  if (!files.length || document.querySelector("dialog[open], form.sending")) return;
  const add = form();
  const input = add.querySelector("input[type=file]");
  input.files = files;
  input.dispatchEvent(new Event("change"));
  add.requestSubmit();
}

function dragOver(event) {
  if (!event.dataTransfer.types.includes("Files")) return;
  if (event.target.closest?.("input[type=file]")) return;
  event.preventDefault();
  document.body.classList.add("dropping");
}

if (overlay) {
  addEventListener("dragover", dragOver);
  addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
  addEventListener("drop", drop);
}
