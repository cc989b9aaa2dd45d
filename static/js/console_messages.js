// The preview of a message follows what is typed; without a script a button shows it.
for (const button of document.querySelectorAll("[data-previews-mail]")) {
  const form = button.form;
  let wait;
  form.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(() => form.requestSubmit(button), 400);
  });
  // Looking is not sending: the form can still be saved.
  form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    delete form.dataset.sent;
    button.removeAttribute("aria-busy");
  });
}
