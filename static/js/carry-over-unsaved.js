/* The board's verdicts on their way: each is sent once, and one that did not arrive is said, kept and sent again.
   Until it has arrived its line counts as open, and the client's words stay in their field. */
(() => {
  "use strict";

  const board = document.getElementById("carry-board");
  const alarm = document.querySelector("[data-unsaved]");
  if (!board || !alarm) return;
  const sentence = alarm.querySelector("[data-unsaved-sentence]");
  const again = alarm.querySelector("button");
  const signIn = alarm.querySelector("a");
  const wanted = new Map(); // what was pressed on a line and has no answer yet
  const underWay = new Set();
  const unsaved = new Map(); // what was pressed and did not arrive
  const idOf = (form) => form.closest("[data-line]").id;

  const WHY = {
    gone: "no connection. Leave this page open and send them again when you’re back online.",
    signedOut: "you are signed out. Leave this page open, sign in again in another tab, then send them again.",
    older: "you signed in again after opening this page. Send them again.",
    notYours: "someone else is signed in on this browser. Leave this page open and sign in again.",
    fault: "something went wrong in Onward. Leave this page open and send them again in a moment.",
  };
  const say = (why) => {
    alarm.hidden = !unsaved.size;
    if (!unsaved.size) return;
    const one = unsaved.size === 1;
    const words = `${one ? "1 answer is" : `${unsaved.size} answers are`} not saved: ${WHY[why]}`;
    sentence.textContent = one ? words.replace("send them", "send it").replace("Send them", "Send it") : words;
    again.textContent = one ? "Send it again" : "Send them again";
    signIn.hidden = why !== "signedOut" && why !== "notYours";
  };

  // A second press before the answer is no second request: it would be for a line that the first answer replaces.
  document.addEventListener(
    "submit",
    (event) => {
      if (!board.contains(event.target)) return;
      const id = idOf(event.target);
      if (wanted.has(id)) {
        event.preventDefault();
        event.stopPropagation();
      }
      if (!underWay.has(id)) wanted.set(id, event.submitter ? event.submitter.value : "");
    },
    true,
  );
  // While it waited for those before it, its button may have lost the focus, and htmx forgets which one it was.
  board.addEventListener("htmx:configRequest", (event) => {
    const id = idOf(event.target);
    underWay.add(id);
    if (wanted.get(id)) event.detail.parameters.verdict = wanted.get(id);
  });

  const mark = (line, verdict) => {
    line.dataset.open = "";
    const button = line.querySelector(`.carry-verdict__buttons button[value="${verdict}"]`);
    const words = line.querySelector(".carry-line__unsaved") || document.createElement("p");
    words.className = "carry-line__unsaved";
    words.textContent = button ? `Not saved yet: ${button.textContent.trim()}` : "Not saved yet";
    line.querySelector("form").append(words);
  };
  const reasonOf = (status) => {
    if (status === 0) return "gone";
    if (status === 401) return "signedOut";
    return status === 403 ? "older" : "fault";
  };

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.requestConfig.elt;
    if (!form.matches(".carry-verdict")) return;
    const id = idOf(form);
    const verdict = wanted.get(id);
    wanted.delete(id);
    underWay.delete(id);
    if (detail.successful) {
      if (unsaved.delete(id) && !unsaved.size) say();
      return;
    }
    unsaved.set(id, verdict);
    mark(form.closest("[data-line]"), verdict);
    say(reasonOf(detail.xhr.status));
  });
  board.addEventListener("htmx:responseError", (event) => event.stopPropagation()); // said here, not once more in onward.js

  // After a new sign-in the tokens of this page are of no use any more: fetch the one that counts now.
  const renew = async () => {
    const answer = await fetch(location.pathname, { redirect: "manual", credentials: "same-origin" });
    if (!answer.ok) return answer.type === "opaqueredirect" ? "signedOut" : "fault";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("input[name=csrfmiddlewaretoken]");
    if (page.body.dataset.who !== document.body.dataset.who) return "notYours";
    if (!token) return "fault";
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => {
      field.value = token.value;
    });
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token.value }));
    return "";
  };
  let sending = false;
  const sendAgain = async () => {
    if (sending || !unsaved.size) return;
    sending = true;
    const fault = await renew().catch(() => "gone");
    sending = false;
    if (fault) {
      say(fault);
      return;
    }
    unsaved.forEach((verdict, id) => {
      const line = document.getElementById(id);
      const button = line.querySelector(`button[name=verdict][value="${verdict}"]:not([disabled])`);
      if (!wanted.has(id)) line.querySelector("form").requestSubmit(button);
    });
  };
  again.addEventListener("click", sendAgain);
  window.addEventListener("online", sendAgain);
  document.addEventListener("onward:renewed", sendAgain);
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size) event.preventDefault();
  });
})();
