/* A question that gave way to “Are you still there?” comes back with the choice that was ticked and not sent yet.
   It is kept in this window only, and forgotten on every page but those two, the last one among them. */
(() => {
  "use strict";

  const KEY = "onward-tablet-choice";
  const question = document.querySelector("form[data-question]");
  try {
    if (!question) {
      if (!document.querySelector("[data-still-there]")) sessionStorage.removeItem(KEY);
      return;
    }
    const kept = JSON.parse(sessionStorage.getItem(KEY) || "{}");
    const choice = [...question.elements.answer].find((each) => each.value === kept.choice);
    if (kept.question === question.dataset.question && choice) choice.checked = true;
    else sessionStorage.removeItem(KEY);
    question.addEventListener("change", ({ target }) => {
      sessionStorage.setItem(KEY, JSON.stringify({ question: question.dataset.question, choice: target.value }));
    });
    question.addEventListener("submit", () => sessionStorage.removeItem(KEY));
  } catch {
    // no storage in this browser: the question comes back as it was opened
  }
})();
