// Offers passkeys among the names that the browser fills in, with a challenge that never grows old.
passkey.autofill = async (button) => {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const renewal = setTimeout(() => passkey.autofill(button), passkey.stale + 1000);
  try {
    await passkey.ask("get", await passkey.fresh(), { mediation: "conditional" });
    button.form.requestSubmit(button);
  } catch {
    // Nobody chose a passkey, or the button asked for one: the form is still there.
  } finally {
    if (passkey.field.value) clearTimeout(renewal);
  }
};
if (passkey.works && document.querySelector("input[autocomplete~=webauthn]")) {
  const button = document.querySelector("button[data-ceremony=get]");
  if (button) passkey.autofill(button);
}
