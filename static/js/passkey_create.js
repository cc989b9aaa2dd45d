// Says whether this browser can keep a passkey, and makes one by itself where that is offered.
const canPasskey = document.getElementsByName("can_passkey");
if (canPasskey.length) {
  window.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.().then((can) => {
    for (const input of canPasskey) input.value = can ? "yes" : "";
  });
}
passkey.createSilently = async (button) => {
  const can = await PublicKeyCredential.getClientCapabilities?.();
  if (!can?.conditionalCreate) return;
  try {
    const options = JSON.parse(passkey.field.dataset.automatic);
    await passkey.ask("create", options, { mediation: "conditional" });
    button.form.requestSubmit(button);
  } catch {
    // The browser did not want to; the button is still there.
  }
};
if (passkey.works && passkey.field.dataset.automatic) {
  passkey.createSilently(document.querySelector("button[data-ceremony=create]"));
}
