/* Small comforts. Every page works without this file. */
(() => {
  "use strict";

  // "/" goes to the search box
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = document.querySelector('[data-hotkey="/"]');
    if (box && box.offsetParent) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });

  // a filter that submits as it changes; its button stays for those without scripts
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form && event.target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit();
  });

  // on a phone the row of tabs is wider than the window: bring the one we are on into it
  const row = document.querySelector(".ow-tabs");
  const tab = row && row.querySelector("[aria-current]");
  if (tab && row.scrollWidth > row.clientWidth) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // the first error of a refused form is where the reader goes next
  const wrong = document.querySelector("form .is-invalid:not([type=hidden])");
  if (wrong) wrong.focus();

  // This browser became a tablet in a client's hands (tablet.js): nothing that a window showed before may be seen there.
  // The page is covered at once and goes to whatever the server answers now. Words that are not saved yet are kept by
  // whoever wrote them down first (note-draft.js); where they cannot be, the page stays, covered.
  const tabletNow = () => {
    try {
      return localStorage.getItem("onward-tablet");
    } catch {
      return null;
    }
  };
  const cover = (is) => {
    document.documentElement.classList.toggle("is-signed-out", is);
    for (const each of document.querySelectorAll(".ow-signed-out")) each.hidden = !is;
  };
  let tabletThen = tabletNow();
  let handedOver = false;
  const handOver = async () => {
    if (handedOver || !document.querySelector(".ow-frame, .ow-print") || tabletNow() === tabletThen) return;
    handedOver = true;
    cover(true);
    document.title = "Signed out · Onward";
    const kept = [];
    const mayGo = document.dispatchEvent(new CustomEvent("onward:handed-over", { cancelable: true, detail: kept }));
    await Promise.all(kept);
    if (mayGo) location.replace(location.pathname);
  };
  window.addEventListener("storage", handOver);
  window.addEventListener("pageshow", handOver);
  document.addEventListener("visibilitychange", handOver);

  // The session ends after a time without requests: warn two minutes before, cover the page when it has ended. And it
  // ends after some hours whatever is done in it: warn ten minutes before. What was typed stays on the covered page, and
  // a new sign-in in another tab uncovers it.
  const seconds = Number(document.body.dataset.idleSeconds);
  const warning = document.querySelector(".ow-idle");
  if (!seconds || !warning) return;
  const left = warning.querySelector("[data-left]");
  const over = document.querySelector("[data-hours-over]");
  const hoursLeft = Number(document.body.dataset.sessionLeft);
  let ends = hoursLeft > 0 ? Date.now() + hoursLeft * 1000 : Infinity;
  over.querySelector("button").addEventListener("click", () => {
    over.dataset.read = "yes";
    over.hidden = true;
  });
  const title = document.title;
  let last = Date.now();
  const signedOut = document.querySelector("[data-signed-out]");
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status === 401) signedOut.hidden = false;
  });
  const renewed = () => {
    last = Date.now();
    warning.hidden = true;
    signedOut.hidden = true;
  };
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) renewed();
  });
  // Another tab of the same person keeps the session alive for all of them; a tab of somebody else covers this page,
  // since its reader is not the one who is signed in any more.
  const who = document.body.dataset.who;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("onward-session") : null;
  const tell = () => tabs && tabs.postMessage({ who, ends });
  if (tabs) {
    tabs.onmessage = ({ data }) => {
      if (data.who === who) {
        if (data.ends > ends) over.hidden = true;
        ends = Math.max(ends, data.ends); // a tab that was opened before the last sign-in knows of an earlier end
        handedOver = false;
        tabletThen = tabletNow();
        renewed();
        document.dispatchEvent(new Event("onward:renewed"));
      } else {
        last = 0;
      }
    };
    tell();
  }
  document.addEventListener("onward:saved", () => {
    renewed();
    tell();
  });
  warning.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch(warning.dataset.stay, { headers: { "HX-Request": "true" }, redirect: "manual" });
    if (answer.ok) {
      renewed();
      tell();
    } else {
      last = 0;
    }
  });
  setInterval(() => {
    const toTheEnd = (ends - Date.now()) / 1000;
    const remaining = Math.min(seconds - (Date.now() - last) / 1000, toTheEnd);
    if (remaining <= 0 || handedOver) {
      for (const each of document.querySelectorAll("[data-was-idle]")) each.hidden = toTheEnd <= 0;
      for (const each of document.querySelectorAll("[data-was-over]")) each.hidden = toTheEnd > 0;
      cover(true);
      document.title = "Signed out · Onward";
      return;
    }
    if (document.documentElement.classList.contains("is-signed-out")) {
      cover(false);
      document.title = title;
    }
    if (toTheEnd < 600) {
      const words = toTheEnd > 60 ? `${Math.ceil(toTheEnd / 60)} minutes` : `${Math.ceil(toTheEnd / 10) * 10} seconds`;
      const shown = over.querySelector("[data-left]");
      if (shown.textContent !== words) shown.textContent = words;
      over.hidden = over.dataset.read === "yes" && toTheEnd > 120;
      return;
    }
    if (remaining < 120) {
      left.textContent = remaining > 60 ? "2 minutes" : `${Math.ceil(remaining / 10) * 10} seconds`;
      warning.hidden = false;
    }
  }, 1000);
})();
