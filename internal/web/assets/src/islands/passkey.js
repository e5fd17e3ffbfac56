// Completes forms for passkeys: asks this installation what to ask the authenticator, asks it, and sends the answer with
// the form. Everything else about the forms works without this file; see passkeyForm in signin.templ.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const described = (list) => (list ?? []).map((d) => ({ ...d, id: bytes(d.id) }));

// The browser's own functions for this are younger than passkeys.
function creation(o) {
  return { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: described(o.excludeCredentials) };
}

function request(o) {
  return { ...o, challenge: bytes(o.challenge), allowCredentials: described(o.allowCredentials) };
}

function answer(c) {
  const r = c.response;
  const response = { clientDataJSON: text(r.clientDataJSON) };
  if (r.attestationObject) {
    response.attestationObject = text(r.attestationObject);
    response.transports = r.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(r.authenticatorData);
    response.signature = text(r.signature);
    if (r.userHandle) response.userHandle = text(r.userHandle);
  }
  return JSON.stringify({
    id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment ?? undefined,
    clientExtensionResults: c.getClientExtensionResults(), response,
  });
}

async function complete(form) {
  const asked = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error" });
  // What is wrong with the other fields, the page itself says best: the form goes off without a passkey.
  if (asked.status === 400 || asked.status === 422) return "";
  if (!asked.ok) throw new Error(String(asked.status));
  const options = (await asked.json()).publicKey;
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: creation(options) })
    : await navigator.credentials.get({ publicKey: request(options) });
  return answer(credential);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const status = form.querySelector(".passkey-status");
  const able = "credentials" in navigator && "PublicKeyCredential" in globalThis;
  form.classList.add(able ? "able" : "unable");
  if (!able) status.textContent = form.dataset.unable;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    status.textContent = "";
    complete(form).then((found) => {
      form.elements.passkey.value = found;
      form.submit();
    }, () => { status.textContent = form.dataset.failed; });
  });
}
