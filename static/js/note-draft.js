/* Saves the draft while it is being written. Words that are not saved yet stay in the page and, encrypted, in this
   browser (draft-copy.js); the page says so and goes on trying. Without this file the “Save draft” button does the same. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const IDLE = 2500; // ms after the last keystroke
  const LONGEST = 10000; // ms that a keystroke may wait at most
  const AGAIN = 5000; // ms between tries when saving did not work
  const COPY = 250; // ms after a keystroke until it is in the browser's own copy
  const LAST_BREATH = 60000; // bytes; a browser sends no more than 64 KiB for a page that is going away

  const state = form.querySelector("[data-save-state]");
  const banner = form.querySelector("[data-save-banner]");
  const sentence = form.querySelector("[data-save-sentence]");
  const signIn = form.querySelector("[data-save-sign-in]");
  const compare = form.querySelector("[data-save-compare]");
  const copies = window.onwardCopy;
  const TIMES = ["session_on", "begins", "ends"];
  const partOf = (name) => (TIMES.includes(name) ? "times" : name);
  const own = (name) => name && !["csrfmiddlewaretoken", "version", "was", "then"].includes(name) && !name.startsWith("mention_");

  let dirty = false;
  let saving = null; // the save under way
  let unanswered = null; // what was sent last and never answered: it goes again as it was, so that it cannot be mistaken
  let leaving = false;
  let stopped = false; // a conflict: only the writer can go on
  let waiting = false; // somebody else is signed in at this browser: nothing is tried until that has changed
  let timer = 0;
  let copyTimer = 0;
  let dirtySince = 0;

  // ---- what the fields hold
  const plain = (text) => String(text).replaceAll("\r\n", "\n");
  const names = () => [...new Set([...form.elements].map((field) => field.name))].filter(own);
  const valuesOf = (data, name) => data.getAll(name).map(plain).sort();
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const snapshot = () => {
    const data = new FormData(form);
    return new Map(names().map((name) => [name, valuesOf(data, name)]));
  };
  let stands = snapshot(); // what the server has, as far as this page knows
  const was = () => JSON.parse(form.elements.was?.value || "{}");

  const beganFrom = (digests) => {
    if (form.elements.was) form.elements.was.value = JSON.stringify(digests);
  };

  const fill = (name, values) => {
    form.querySelectorAll(`[name="${name}"]`).forEach((field) => {
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    });
  };

  const labelOf = (name) => {
    const first = form.querySelector(`[name="${name}"]`);
    const box = first.type === "checkbox" || first.type === "radio";
    const label = box ? first.closest("fieldset")?.querySelector("legend") : first.labels[0];
    return (label ? label.textContent : name).replaceAll("*", "").trim();
  };
  const shownOf = (name, values) => {
    const fields = [...form.querySelectorAll(`[name="${name}"]`)];
    if (["checkbox", "radio"].includes(fields[0].type)) {
      return fields.filter((field) => values.includes(field.value)).map((field) => field.labels[0]?.textContent.trim()).join("; ");
    }
    if (fields[0] instanceof HTMLSelectElement) return fields[0].selectedOptions[0]?.textContent.trim() ?? "";
    return values[0] ?? "";
  };

  const keepCopy = () => {
    clearTimeout(copyTimer);
    if (!copies) return null;
    const now = snapshot();
    const fields = [...now].filter(([name, values]) => !same(values, stands.get(name)));
    if (!fields.length) return copies.drop();
    const changed = fields.map(([name, values]) => ({ name, values, label: labelOf(name), shown: shownOf(name, values) }));
    return copies.keep({ was: was(), version: form.elements.version.value, fields: changed });
  };

  // ---- what the page says
  const show = (words, { link = false, choose = false } = {}) => {
    banner.hidden = !words;
    sentence.textContent = words;
    signIn.hidden = !link;
    compare.hidden = !choose;
  };
  const notSaved = (words, options) => {
    dirty = true;
    state.textContent = "Not saved";
    state.classList.add("is-unsaved");
    show(words, options);
  };

  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(save, milliseconds);
  };

  // ---- saving
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

  const post = (sent) => {
    const body = new URLSearchParams(sent);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const keepalive = document.visibilityState === "hidden" && body.toString().length < LAST_BREATH;
    const headers = { "X-Autosave": "1" };
    return fetch(form.action, { method: "POST", body, headers, keepalive, redirect: "manual", credentials: "same-origin" });
  };

  // What the server has now. A part that was left alone here shows what another window did to it; one that was typed in
  // since it was sent keeps its words, and the digest of what they were begun from.
  const settle = (answer, sent) => {
    const before = was();
    const now = { ...answer.was };
    const data = new FormData(form);
    const faulty = Object.keys(answer.faults).map(partOf);
    const trimmed = (values) => values.map((text) => plain(text).trim()).sort();
    let fromElsewhere = false;
    Object.entries(answer.stands).forEach(([name, values]) => {
      if (!form.elements[name]) return;
      const posted = valuesOf(sent, name);
      if (faulty.includes(partOf(name))) {
        now[partOf(name)] = before[partOf(name)];
      } else if (same(trimmed(posted), trimmed(values))) {
        stands.set(name, posted);
      } else if (same(valuesOf(data, name), posted)) {
        fill(name, values);
        stands.set(name, values.map(plain).sort());
        fromElsewhere = true;
      } else {
        now[partOf(name)] = before[partOf(name)];
      }
    });
    beganFrom(now);
    form.elements.version.value = answer.version;
    return fromElsewhere;
  };

  const send = async () => {
    dirty = false;
    state.textContent = "Saving …";
    const sent = unanswered || new FormData(form);
    const isOld = sent === unanswered;
    unanswered = sent;
    let answer = await post(sent);
    if (answer.status === 403 && (await renewToken())) answer = await post(sent);
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      notSaved("Not saved: you are signed out. Your writing is still here. Sign in again in another tab and this page will save.", { link: true });
      later(AGAIN);
      return;
    }
    if (answer.status === 409) {
      const refused = await answer.json();
      stopped = true;
      unanswered = null;
      notSaved(refused.sentence, { choose: refused.state === "conflict" });
      return;
    }
    if (answer.status === 404) {
      waiting = true; // asking again and again would keep the other person's session alive
      notSaved("Not saved: someone else is signed in. Your writing is still here. Sign in as the author to save it.", { link: true });
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const saved = await answer.json();
    unanswered = null;
    const fromElsewhere = settle(saved, sent);
    dirtySince = dirty ? Date.now() : 0;
    dirty = dirty || isOld;
    state.textContent = `Draft saved ${saved.at}`;
    state.classList.remove("is-unsaved");
    const faults = Object.values(saved.faults).flat();
    if (faults.length) {
      show(`Saved except for this: ${faults[0]}`);
      const fold = form.querySelector(`[name="${Object.keys(saved.faults)[0]}"]`)?.closest("details");
      if (fold) fold.open = true;
    }
    if (!faults.length) show(fromElsewhere ? "Saved. Changes from your other window are shown here too." : "");
    keepCopy();
    document.dispatchEvent(new Event("onward:saved"));
  };

  async function save() {
    if (stopped || waiting) return false;
    if (saving) return saving;
    if (!dirty && !unanswered) return true;
    clearTimeout(timer);
    saving = send()
      .catch((error) => {
        const why = error instanceof TypeError ? "no connection" : "the server isn’t responding correctly";
        notSaved(`Not saved: ${why}. Your writing is still here. Leave this page open; it keeps trying.`);
        later(AGAIN);
      })
      .finally(() => {
        saving = null;
        if (dirty && !stopped && !unanswered) later(IDLE);
      });
    await saving;
    return !dirty && !unanswered;
  }

  const touched = (event) => {
    if (event && !own(event.target.name)) return;
    if (!dirty) dirtySince = Date.now();
    dirty = true;
    clearTimeout(copyTimer);
    copyTimer = setTimeout(keepCopy, COPY);
    if (!stopped) later(Math.max(0, Math.min(IDLE, dirtySince + LONGEST - Date.now())));
  };

  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  // Words that were left behind come back as if they had just been typed, over what they were begun from: what was
  // written in the same part since is then shown beside them, as with any other window.
  window.onwardPutBack = async (copy) => {
    await save();
    const begunFrom = was();
    copy.fields.forEach(({ name, values }) => {
      if (!form.querySelector(`[name="${name}"]`)) return;
      fill(name, values);
      begunFrom[partOf(name)] = copy.was[partOf(name)];
    });
    if (!form.elements.was) form.elements.version.value = copy.version; // a note that is one text: begun from that one
    beganFrom(begunFrom);
    touched();
    await keepCopy();
  };

  // A button of this form is pressed: what is not saved yet goes first, since the page that follows may be one that asks
  // to sign in. In a conflict the form itself is what asks the server for both texts.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (stopped || !(dirty || unanswered || saving)) {
      leaving = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    if (saving) await saving;
    if (!(await save())) return;
    leaving = true;
    form.requestSubmit(button);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    keepCopy();
    save();
  });
  window.addEventListener("online", save);
  document.addEventListener("onward:renewed", () => {
    if (!waiting) return;
    waiting = false;
    save();
  });
  // The tablet is handed over: the words wait in the encrypted copy, for their author. Without one they stay in the page.
  document.addEventListener("onward:handed-over", (event) => {
    clearTimeout(timer);
    waiting = true;
    if (!copies && (dirty || saving || unanswered)) {
      event.preventDefault();
      return;
    }
    leaving = true;
    event.detail.push(keepCopy());
  });
  window.addEventListener("beforeunload", (event) => {
    if (leaving || !(dirty || saving || unanswered)) return;
    keepCopy();
    save();
    event.preventDefault();
  });
})();
