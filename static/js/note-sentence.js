/* From the sentence being written to what it is about: the one that was selected last, or that the cursor stands in, is
   taken along, and after it is linked the cursor is back where it was. Without this file the sentence is copied by hand. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  let written = "";
  let cameFrom = null; // the text, and the places in it, from where the writer went to link a sentence

  const part = () => form.querySelector("[data-mentions]");
  const sentenceAt = (text, place) => {
    const before = Math.max(...[".", "!", "?", "\n"].map((end) => text.lastIndexOf(end, place - 1)));
    const ends = [".", "!", "?", "\n"].map((end) => text.indexOf(end, place)).filter((at) => at >= 0);
    return text.slice(before + 1, ends.length ? Math.min(...ends) + 1 : text.length).trim();
  };
  const sentenceIn = (area) => {
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd).trim();
    return chosen || sentenceAt(area.value, area.selectionStart) || sentenceAt(area.value, area.selectionStart - 1) || sentenceAt(area.value, area.value.length - 1);
  };
  const remember = (event) => {
    if (event.target instanceof HTMLTextAreaElement) written = sentenceIn(event.target);
  };
  ["select", "keyup", "click"].forEach((name) => form.addEventListener(name, remember));
  form.addEventListener("toggle", (event) => {
    const quote = event.target.open && event.target.matches("[data-mentions]") && event.target.querySelector("[name=mention_quote]");
    if (quote && !quote.value && !cameFrom) quote.value = written.slice(0, 300);
  }, true);

  form.querySelectorAll("[data-link]").forEach((line) => {
    line.hidden = false;
    const area = line.parentElement.querySelector("textarea");
    line.querySelector("[data-link-sentence]").addEventListener("click", () => {
      cameFrom = { area, line, start: area.selectionStart, end: area.selectionEnd };
      part().querySelector("[name=mention_quote]").value = sentenceIn(area).slice(0, 300);
      part().open = true;
      part().querySelector("[name=mention_about]").focus();
    });
  });

  const goBack = (said) => {
    if (!cameFrom) return;
    const { area, line, start, end } = cameFrom;
    cameFrom = null;
    line.querySelector("[data-linked]").textContent = said;
    line.classList.toggle("is-said", Boolean(said));
    area.addEventListener("input", () => line.classList.remove("is-said"), { once: true });
    area.focus();
    area.setSelectionRange(start, end);
  };

  form.addEventListener("keydown", (event) => {
    if (!event.target.closest("[data-mentions]")) return;
    if (event.key === "Escape") goBack("");
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault(); // it would save the draft and leave the sentence unlinked
    part().querySelector("button[value=mention]").click();
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const isLink = detail.pathInfo?.requestPath.endsWith("/mentions/");
    if (isLink && !part().querySelector(".invalid-feedback")) goBack("Linked");
  });
})();
