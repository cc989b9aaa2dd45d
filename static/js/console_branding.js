// The form of a look saves itself as a draft, and says when it did; pictures are sent with the page.
for (const form of document.querySelectorAll("form[data-saves]")) {
  const said = document.getElementById("saved");
  const contrast = document.getElementById("contrast");
  const accent = form.elements.accent;
  let timer = 0;
  let running = Promise.resolve();
  let waiting = 0;

  const tell = (errors) => {
    for (const old of form.querySelectorAll(".field-error.of-script")) old.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const [name, sentence] of Object.entries(errors)) {
      const field = form.elements[name];
      if (!field || !field.closest) continue;
      const note = document.createElement("p");
      note.className = "field-error of-script";
      note.textContent = sentence;
      field.setAttribute("aria-invalid", "true");
      field.closest(".field").append(note);
    }
  };
  const colour = (cell, value, ratio) => {
    cell.querySelector("rect").setAttribute("fill", value);
    cell.querySelector("code").textContent = value;
    cell.querySelector("span").textContent = ratio;
  };
  const judge = ({ told, is_corrected, findings }) => {
    const pill = contrast.querySelector(".pill");
    pill.textContent = told;
    pill.className = is_corrected ? "pill danger" : "pill success";
    const rows = contrast.querySelectorAll("tbody tr");
    findings.forEach(({ wanted, before, used, after }, at) => {
      const [chosen, shown] = rows[at].querySelectorAll("td");
      colour(chosen, wanted, before);
      colour(shown, used, after);
    });
  };
  const take = (answer) => {
    tell(answer.errors || {});
    if (answer.errors) {
      said.textContent = "";
      return;
    }
    form.elements.revision.value = answer.revision;
    said.textContent = answer.told;
    document.getElementById("discard").hidden = false;
    judge(answer.contrast);
    document.dispatchEvent(new Event("draft-saved"));
  };
  const send = async () => {
    said.textContent = form.dataset.saves;
    const body = new FormData(form);
    for (const upload of form.querySelectorAll("input[type=file]")) body.delete(upload.name);
    try {
      const response = await fetch(form.getAttribute("action"), {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      if (response.status === 200 || response.status === 422) take(await response.json());
      else said.textContent = form.dataset.stale;
    } catch {
      said.textContent = form.dataset.stale;
    }
  };
  const save = (after) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      waiting += 1;
      // One after the other: each needs the revision of the last.
      running = running.then(send).finally(() => {
        waiting -= 1;
      });
    }, after);
  };

  form.addEventListener("input", (event) => {
    if (event.target.type !== "file") save(700);
  });
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") form.querySelector("[value=save]").click();
    else save(0);
  });
  form.addEventListener("click", (event) => {
    const swatch = event.target.closest("[data-swatch]");
    if (!swatch) return;
    event.preventDefault();
    accent.value = swatch.dataset.swatch;
    save(0);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!waiting) return;
    event.preventDefault();
    running.then(() => {
      delete form.dataset.sent; // It was marked as sent, and was not yet.
      form.requestSubmit(event.submitter);
    });
  });
  for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
}
