// The list of users follows what is typed and chosen; without this its button sends the form.
for (const form of document.querySelectorAll("form[data-follows]")) {
  const results = document.getElementById(form.dataset.follows);
  const told = document.getElementById(`told-${results.id}`);
  const PAUSE = 300;
  let waiting = 0;
  let asking = null;

  const show = (url, { response, status, responseURL }) => {
    const found = status === 200 && response?.getElementById(results.id);
    if (!found || !responseURL.endsWith(url)) return;
    results.replaceChildren(...found.childNodes);
    told.textContent = found.dataset.told;
    history.replaceState(null, "", url);
  };
  const look = () => {
    asking?.abort();
    const filled = [...new FormData(form)].filter(([, value]) => value);
    const url = `${location.pathname}?${new URLSearchParams(filled)}`;
    // It makes a document by itself, where trusted types let nobody parse a text.
    asking = new XMLHttpRequest();
    asking.responseType = "document";
    asking.addEventListener("load", (event) => show(url, event.target));
    asking.open("GET", url);
    asking.send();
  };
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(look, event.target.type === "text" ? PAUSE : 0);
  });
}
