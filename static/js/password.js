// Shows and hides a password, and says when it is long enough.
for (const button of document.querySelectorAll(".reveal")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    input.focus();
  });
  // A password must not stay readable in what the browser keeps of a sent form.
  input.form.addEventListener("submit", () => {
    input.type = "password";
  });
}
for (const input of document.querySelectorAll("[data-least]")) {
  const hint = document.getElementById(`${input.id}-hint`);
  const judge = () => hint.classList.toggle("met", [...input.value].length >= Number(input.dataset.least));
  input.addEventListener("input", judge);
}
