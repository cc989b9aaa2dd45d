// The preview beside a form: what is chosen changes the frame alone, and so does a saved draft.
for (const preview of document.querySelectorAll("[data-preview-root]")) {
  const frame = preview.querySelector("iframe");
  const form = preview.querySelector("form");
  const about = JSON.parse(preview.dataset.previewAbout);
  const links = [...preview.querySelectorAll("[data-preview-name]")];
  const chosen = Object.fromEntries(new FormData(form));

  const address = () => {
    const { theme, language, state } = chosen;
    const asked = new URLSearchParams({ theme, language, state, ...about });
    return `${preview.dataset.previewRoot}${encodeURIComponent(chosen.screen)}?${asked}`;
  };
  const mark = () => {
    for (const link of links) {
      const isChosen = chosen[link.dataset.previewName] === link.dataset.previewValue;
      if (isChosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const [name, value] of Object.entries(chosen)) {
      if (form.elements[name]) form.elements[name].value = value;
    }
    frame.parentElement.className = `frame ${chosen.width}`;
  };
  const show = () => {
    const wanted = address();
    if (frame.getAttribute("src") !== wanted) frame.src = wanted;
    const page = new URL(location.href);
    for (const [name, value] of Object.entries(chosen)) page.searchParams.set(name, value);
    history.replaceState(history.state, "", page);
    mark();
  };

  preview.addEventListener("click", (event) => {
    const link = event.target.closest("[data-preview-name]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    chosen[link.dataset.previewName] = link.dataset.previewValue;
    show();
  });
  form.addEventListener("change", (event) => {
    chosen[event.target.name] = event.target.value;
    show();
  });
  form.querySelector("button").hidden = true;
  document.addEventListener("draft-saved", () => {
    frame.src = address();
  });
}
