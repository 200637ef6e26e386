/* The board by keyboard: arrows move between lines, 1 to 4 give the verdict, and the next open line comes by itself. */
(() => {
  "use strict";

  const lines = () => [...document.querySelectorAll("[data-line]")];
  const here = () => document.activeElement.closest("[data-line]");
  let toNext = null;

  const go = (line) => {
    if (!line) return;
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
  };

  const nextOpen = (id) => {
    const all = lines();
    const place = all.findIndex((line) => line.id === id);
    return all.slice(place + 1).find((line) => "open" in line.dataset) || all.find((line) => "open" in line.dataset);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const line = here();
    const all = lines();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!line && event.target !== document.body) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      go(line ? all[all.indexOf(line) + step] : all.find((each) => "open" in each.dataset) || all[0]);
    } else if (line && /^[1-4]$/.test(event.key)) {
      const button = line.querySelector(`button[data-key="${event.key}"]`);
      if (!button) return;
      event.preventDefault();
      toNext = line.id;
      button.click();
    }
  });

  // After the swap the focus would be lost: on to the next open line, or back to where the verdict was given.
  let clicked = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line] button[name=verdict]");
    if (button) clicked = { id: button.closest("[data-line]").id, value: button.value };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (toNext) {
      go(nextOpen(toNext) || document.getElementById(toNext));
    } else if (clicked) {
      const line = document.getElementById(clicked.id);
      const button = line && line.querySelector(`button[value="${clicked.value}"]`);
      if (button) button.focus({ preventScroll: true });
    }
    toNext = null;
    clicked = null;
  });
})();
