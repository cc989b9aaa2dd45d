// The preview of a message follows what is typed; without a script a button shows it.
for (const button of document.querySelectorAll("[data-previews-mail]")) {
  let wait;
  button.form.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(() => button.form.requestSubmit(button), 400);
  });
}
