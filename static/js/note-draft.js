/* Saves the draft while it is being written. Nothing of it is kept in the browser's storage: what is not saved yet stays
   in the page, the page says so, and it goes on trying. Without this file the “Save draft” button does the same. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const IDLE = 2500; // ms after the last keystroke
  const LONGEST = 10000; // ms that a keystroke may wait at most
  const AGAIN = 5000; // ms between tries when saving did not work

  const state = form.querySelector("[data-save-state]");
  const banner = form.querySelector("[data-save-banner]");
  const sentence = form.querySelector("[data-save-sentence]");
  const signIn = form.querySelector("[data-save-sign-in]");
  const compare = form.querySelector("[data-save-compare]");
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("onward-session") : null;
  let dirty = false;
  let saving = false;
  let leaving = false;
  let stopped = false; // a conflict: only the writer can go on
  let timer = 0;
  let dirtySince = 0;

  const show = (words, { link = false, choose = false } = {}) => {
    banner.hidden = !words;
    sentence.textContent = words;
    signIn.hidden = !link;
    compare.hidden = !choose;
  };

  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(save, milliseconds);
  };

  // After a new sign-in the page's token is of no use any more: fetch the one that counts now.
  const renewToken = async () => {
    const answer = await fetch(form.action, { redirect: "manual", credentials: "same-origin" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("input[name=csrfmiddlewaretoken]");
    if (!token) return false;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => {
      field.value = token.value;
    });
    return true;
  };

  const post = () =>
    fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Autosave": "1" },
      redirect: "manual",
      credentials: "same-origin",
    });

  const save = async () => {
    if (!dirty || saving || stopped) return;
    saving = true;
    dirty = false;
    state.textContent = "Saving …";
    try {
      let answer = await post();
      if (answer.status === 403 && (await renewToken())) answer = await post();
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        dirty = true;
        state.textContent = "Not saved";
        show("Not saved: you are signed out. Your words are still here. Sign in in another tab; this page then saves by itself.", { link: true });
        later(AGAIN);
        return;
      }
      if (answer.status === 409) {
        const refused = await answer.json();
        dirty = true;
        stopped = true;
        state.textContent = "Not saved";
        show(refused.sentence, { choose: refused.state === "conflict" });
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const saved = await answer.json();
      form.elements.version.value = saved.version;
      dirtySince = dirty ? Date.now() : 0;
      state.textContent = `Draft saved ${saved.at}`;
      const faults = Object.values(saved.faults).flat();
      show(faults.length ? `Your words are saved. The session's details are not yet: ${faults[0]}` : "");
      if (tabs) tabs.postMessage("renewed");
    } catch {
      dirty = true;
      state.textContent = "Not saved";
      show("Not saved: no connection. Your words are still here; this page keeps trying. Leave it open.");
      later(AGAIN);
    } finally {
      saving = false;
      if (dirty && !stopped && banner.hidden) later(IDLE);
    }
  };

  const touched = () => {
    if (!dirty) dirtySince = Date.now();
    dirty = true;
    if (!stopped) later(Math.max(0, Math.min(IDLE, dirtySince + LONGEST - Date.now())));
  };

  // The sentence that was selected last, or the one that the cursor stands in, is offered to be linked.
  let sentenceWritten = "";
  const sentenceAt = (text, place) => {
    const before = Math.max(...[".", "!", "?", "\n"].map((end) => text.lastIndexOf(end, place - 1)));
    const ends = [".", "!", "?", "\n"].map((end) => text.indexOf(end, place)).filter((at) => at >= 0);
    return text.slice(before + 1, ends.length ? Math.min(...ends) + 1 : text.length).trim();
  };
  const remember = (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement)) return;
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd).trim();
    sentenceWritten = chosen || sentenceAt(area.value, area.selectionStart) || sentenceAt(area.value, area.value.length - 1);
  };
  ["select", "keyup", "click"].forEach((name) => form.addEventListener(name, remember));
  form.addEventListener("toggle", (event) => {
    const quote = event.target.open && event.target.matches("[data-mentions]") && event.target.querySelector("[name=mention_quote]");
    if (quote && !quote.value) quote.value = sentenceWritten.slice(0, 300);
  }, true);

  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  window.addEventListener("online", save);
  window.addEventListener("beforeunload", (event) => {
    if (leaving || !(dirty || saving)) return;
    save();
    event.preventDefault();
  });
})();
