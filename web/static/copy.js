// Copies what stands beside a button. Without this script the words can be selected as on any page.
const live = document.getElementById("live");
const texts = JSON.parse(live.dataset.texts);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.parentElement.querySelector("p");
  try {
    await navigator.clipboard.writeText(text.textContent);
    live.textContent = texts.copied;
  } catch {
    // Not allowed, or not over this connection.
    getSelection().selectAllChildren(text);
    live.textContent = texts.select;
  }
});
