/* The sentence that was selected last, or the one that the cursor stands in, is offered to be linked. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  let written = "";

  const sentenceAt = (text, place) => {
    const before = Math.max(...[".", "!", "?", "\n"].map((end) => text.lastIndexOf(end, place - 1)));
    const ends = [".", "!", "?", "\n"].map((end) => text.indexOf(end, place)).filter((at) => at >= 0);
    return text.slice(before + 1, ends.length ? Math.min(...ends) + 1 : text.length).trim();
  };
  const remember = (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement)) return;
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd).trim();
    written = chosen || sentenceAt(area.value, area.selectionStart) || sentenceAt(area.value, area.value.length - 1);
  };
  ["select", "keyup", "click"].forEach((name) => form.addEventListener(name, remember));
  form.addEventListener("toggle", (event) => {
    const quote = event.target.open && event.target.matches("[data-mentions]") && event.target.querySelector("[name=mention_quote]");
    if (quote && !quote.value) quote.value = written.slice(0, 300);
  }, true);
})();
