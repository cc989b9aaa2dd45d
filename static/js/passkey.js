// Passkeys: a button fetches what the page asks the browser for, and the answer goes with the form.
const passkey = {
  field: document.querySelector("input[data-options]"),
  said: document.querySelector(".passkey-said"),
  stale: 4 * 60 * 1000,
  fetchedAt: performance.now(),
  running: null,
};
passkey.works = Boolean(passkey.field && window.PublicKeyCredential && navigator.credentials);
passkey.options = passkey.works ? JSON.parse(passkey.field.dataset.options) : null;

passkey.bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
passkey.text = (buffer) => {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

// Browsers before 2024 do not read and write the JSON of WebAuthn by themselves.
passkey.read = (ceremony, json) => {
  const name = ceremony === "get" ? "parseRequestOptionsFromJSON" : "parseCreationOptionsFromJSON";
  if (PublicKeyCredential[name]) return PublicKeyCredential[name](json);
  const options = { ...json, challenge: passkey.bytes(json.challenge) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    options[list] = json[list]?.map((each) => ({ ...each, id: passkey.bytes(each.id) }));
  }
  if (json.user) options.user = { ...json.user, id: passkey.bytes(json.user.id) };
  return options;
};
passkey.written = (made) => {
  try {
    return JSON.stringify(made.toJSON());
  } catch {
    // Some password managers answer with an object of their own that has no such function.
  }
  const response = { transports: made.response.getTransports?.() };
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = passkey.text(made.response[name]);
  }
  const clientExtensionResults = made.getClientExtensionResults();
  return JSON.stringify({ id: made.id, rawId: made.id, type: made.type, clientExtensionResults, response });
};

// A challenge lives five minutes, and people look at pages for longer.
passkey.fresh = async () => {
  if (performance.now() - passkey.fetchedAt < passkey.stale) return passkey.options;
  const answer = await fetch(passkey.field.dataset.renewedAt, { redirect: "manual" });
  if (!answer.ok) {
    location.reload();
    throw new DOMException("The page is over.", "AbortError");
  }
  passkey.options = (await answer.json()).options;
  passkey.fetchedAt = performance.now();
  return passkey.options;
};
passkey.ask = async (ceremony, json, mediation) => {
  passkey.running?.abort();
  const running = new AbortController();
  passkey.running = running;
  const publicKey = passkey.read(ceremony, json);
  const made = await navigator.credentials[ceremony]({ publicKey, signal: running.signal, ...mediation });
  passkey.field.value = passkey.written(made);
  sessionStorage.setItem("passkey", made.id);
};
passkey.say = (reason) => {
  passkey.said.textContent = passkey.said.dataset[reason];
  passkey.said.hidden = false;
  passkey.said.focus();
};

passkey.press = async (button) => {
  const ceremony = button.dataset.ceremony;
  passkey.said.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    await passkey.ask(ceremony, await passkey.fresh());
    button.form.requestSubmit(button);
  } catch (error) {
    if (error.name !== "AbortError") passkey.say(error.name === "InvalidStateError" ? "exists" : "refused");
  } finally {
    button.removeAttribute("aria-busy");
  }
};

if (window.PublicKeyCredential) {
  for (const hidden of document.querySelectorAll("[data-by-passkey]")) hidden.hidden = false;
  for (const shown of document.querySelectorAll("[data-without-passkeys]")) shown.hidden = true;
}
if (passkey.works) {
  passkey.field.value = "";
  // Back out of the browser's cache, the answer was given and the challenge may be old.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    passkey.field.value = "";
    passkey.fetchedAt = -Infinity;
  });
  for (const button of document.querySelectorAll("button[data-ceremony]")) {
    button.addEventListener("click", (event) => {
      if (passkey.field.value) return;
      event.preventDefault();
      passkey.press(button);
    });
  }
}
