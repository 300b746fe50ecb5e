// Passkeys: the browser's answer goes into the form's hidden field, and the form is sent as any other. Without this file everything else works.
"use strict";

(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = (options, form) => {
    const value = (name) => (form.elements[name] ? form.elements[name].value.trim() : "");
    const name = value("email") || options.user.name;
    const user = { id: bytes(options.user.id), name, displayName: value("name") || options.user.displayName || name };
    const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: known(options.excludeCredentials) };
    return navigator.credentials.create({ publicKey });
  };

  const get = (options) =>
    navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) },
    });

  const answer = (credential) => {
    const said = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) said[name] = text(credential.response[name]);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said, clientExtensionResults: {} });
  };

  for (const part of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential || !part.dataset.options) continue;
    const form = part.closest("form");
    const button = part.querySelector("button");
    const trouble = part.querySelector("[data-trouble]");
    part.hidden = false;
    button.addEventListener("click", async () => {
      for (const field of ["name", "email"]) {
        if (part.dataset.passkey === "create" && form.elements[field] && !form.elements[field].reportValidity()) return;
      }
      trouble.hidden = true;
      button.disabled = true;
      try {
        const options = JSON.parse(part.dataset.options);
        const credential = part.dataset.passkey === "create" ? await create(options, form) : await get(options);
        form.elements.passkey.value = answer(credential);
        form.submit();
      } catch {
        trouble.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
