// Signs a form with a passkey in place of the password. The challenge is made for exactly what the form says; the key's
// answer travels with it. Without scripts the button stays hidden, and the password does.
(() => {
  const say = (button, words) => { button.closest("[data-passkey]").querySelector("[data-passkey-state]").textContent = words; };

  const challenge = async (form, url) => {
    const said = new FormData(form);
    said.set("passkey_for", new URL(form.action).pathname);
    const answer = await fetch(url, { method: "POST", body: said, headers: { Accept: "application/json" } });
    const type = answer.headers.get("Content-Type") || "";
    if (!type.includes("json")) throw new Error("You’re signed out. Sign in again in another tab.");
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.sentence);
    return body.options;
  };

  const sign = async (button) => {
    const form = button.closest("form");
    const password = form.elements.password;
    password.required = false;
    const isComplete = form.reportValidity();
    password.required = true;
    if (!isComplete) return;
    button.disabled = true;
    say(button, "Follow your device’s prompt for fingerprint, face, or PIN…");
    try {
      const options = await challenge(form, button.dataset.challenge);
      const answer = await window.webauthnJSON.get(options);
      password.value = "";
      form.querySelector("[data-passkey-answer]").value = JSON.stringify(answer);
      form.submit();
    } catch (fault) {
      button.disabled = false;
      const isTheirs = fault instanceof DOMException || fault instanceof TypeError;
      say(button, isTheirs ? "The passkey didn’t respond. Nothing was signed. Try again, or enter your password." : fault.message);
    }
  };

  if (!window.PublicKeyCredential || !window.webauthnJSON) return;
  document.querySelectorAll("[data-passkey]").forEach((part) => {
    part.hidden = false;
    part.querySelector("button").addEventListener("click", (event) => sign(event.currentTarget));
  });
})();
