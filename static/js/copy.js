// Copies a value that stands on the page; without this it can be selected.
for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  field.addEventListener("focus", () => field.select?.());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const [words] = button.children;
  const before = words.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    words.textContent = button.dataset.done;
    setTimeout(() => (words.textContent = before), 3000);
  });
}
