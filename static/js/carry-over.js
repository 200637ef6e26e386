/* The board by keyboard: arrows move between lines, 1 to 4 give the verdict, and the next open line comes by itself.
   N goes to what the client said, Enter and Escape come back from there to the line; what was typed goes with the verdict. */
(() => {
  "use strict";

  const lines = () => [...document.querySelectorAll("[data-line]")];
  let clicked = null;
  const here = () => document.activeElement.closest("[data-line]");

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
    const said = event.target.closest("[data-said]");
    if (said && (event.key === "Enter" || event.key === "Escape") && !event.isComposing) {
      const line = said.closest("[data-line]");
      if (event.key === "Enter" && !("open" in line.dataset)) return; // the form sends the words with the verdict that stands
      event.preventDefault();
      go(line);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const line = here();
    const all = lines();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!line && event.target !== document.body) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      go(line ? all[all.indexOf(line) + step] : all.find((each) => "open" in each.dataset) || all[0]);
    } else if (line && event.key.toLowerCase() === "n") {
      const field = line.querySelector("[data-said]");
      if (!field) return;
      event.preventDefault();
      field.focus();
    } else if (line && /^[1-4]$/.test(event.key)) {
      const button = line.querySelector(`button[data-key="${event.key}"]`);
      if (!button) return;
      event.preventDefault();
      if (line.querySelector("form.htmx-request")) return;
      button.click();
      clicked = null;
      delete line.dataset.open;
      go(nextOpen(line.id) || line); // at once: whoever types fast need not wait for the answer
    }
  });

  // After a click the swap would lose the focus: back to where the verdict was given.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line] button[name=verdict]");
    if (button) clicked = { id: button.closest("[data-line]").id, value: button.value };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!clicked) return;
    const line = document.getElementById(clicked.id);
    const button = line && line.querySelector(`.carry-verdict__buttons button[value="${clicked.value}"]`);
    if (button) button.focus({ preventScroll: true });
    clicked = null;
  });
})();
