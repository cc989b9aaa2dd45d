// Tells the browser's password manager which passkeys there are, and which one is known to nobody.
for (const element of document.querySelectorAll("[data-passkeys]")) {
  const { rpId, userId, allAcceptedCredentialIds, name, displayName } = JSON.parse(element.dataset.passkeys);
  const known = window.PublicKeyCredential?.signalAllAcceptedCredentials;
  known?.call(PublicKeyCredential, { rpId, userId, allAcceptedCredentialIds }).catch(() => {});
  const named = window.PublicKeyCredential?.signalCurrentUserDetails;
  named?.call(PublicKeyCredential, { rpId, userId, name, displayName }).catch(() => {});
}
if (passkey.works && passkey.field.dataset.forgets && document.querySelector("[data-text='error.passkey_unknown']")) {
  const credentialId = sessionStorage.getItem("passkey");
  const unknown = PublicKeyCredential.signalUnknownCredential;
  if (credentialId) unknown?.call(PublicKeyCredential, { rpId: passkey.options.rpId, credentialId }).catch(() => {});
}
