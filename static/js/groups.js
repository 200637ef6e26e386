/* Roll call by keyboard: a letter marks the member in focus and goes on to the next. The page works without this. */
(() => {
  "use strict";

  const keys = { p: "present", l: "late", e: "left_early", x: "excused", u: "unexcused", r: "removed" };
  const roll = document.querySelector(".roll");
  if (!roll) return;

  const focusOn = (row) => {
    const mark = row && (row.querySelector(".roll__mark input:checked") || row.querySelector(".roll__mark input:enabled"));
    if (mark && !mark.disabled) mark.focus();
    return Boolean(mark && !mark.disabled);
  };

  roll.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.type !== "radio") return;
    const value = keys[event.key.toLowerCase()];
    if (!value) return;
    const row = event.target.closest(".roll__row");
    const mark = row.querySelector(`.roll__mark input[value="${value}"]`);
    if (!mark || mark.disabled) return;
    event.preventDefault();
    mark.checked = true;
    mark.dispatchEvent(new Event("change", { bubbles: true }));
    const minutes = { late: ".roll__late", left_early: ".roll__early" }[value];
    if (minutes) {
      row.querySelector(minutes).focus();
      return;
    }
    for (let next = row.nextElementSibling; next; next = next.nextElementSibling) if (focusOn(next)) return;
    document.querySelector("[data-save-roll]")?.focus();
  });
})();
