// Moves the mark along the cells of a one-time code, keeps to digits, and sends a complete code once
// where nothing else is asked.
for (const box of document.querySelectorAll(".code")) {
  const input = box.querySelector("input");
  const length = Number(box.dataset.length);
  const spare = box.closest("[data-letters]") !== null; // A recovery code may be typed instead.
  const others = [...input.form.elements].filter((each) => each.matches("input:not([type=hidden])"));
  let sent = others.length > 1;
  const draw = () => {
    box.dataset.filled = input.value.length;
    box.toggleAttribute("data-full", input.value.length >= length);
  };
  input.addEventListener("input", () => {
    const letters = spare && /\p{L}/u.test(input.value);
    box.toggleAttribute("data-letters", letters);
    if (letters) return;
    const digits = input.value.normalize("NFKC").replace(/[^\p{Nd}]/gu, "").slice(0, length);
    if (digits !== input.value) input.value = digits;
    draw();
    if (digits.length === length && !sent) {
      sent = true;
      input.form.requestSubmit();
    }
  });
  draw();
}
