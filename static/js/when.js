/* Shows only the inputs that the choice asks for. Without this all of them show, and the choice decides.

   data-when: what does not show is not sent either. data-when="kept": what was typed stays in sight and is sent, so
   that the server can ask about it; words that were proposed (data-when-proposed) are nobody's. */
(() => {
  "use strict";

  const isTyped = (input) => {
    if (input.type === "checkbox" || input.type === "radio") return input.checked;
    return !["", input.dataset.whenProposed].includes(input.value.trim());
  };

  for (const edge of document.querySelectorAll("[data-when]")) {
    const isKept = edge.dataset.when === "kept";
    const parts = [...edge.querySelectorAll("[data-when-for]")];
    const show = () => {
      const chosen = edge.querySelector("input[type=radio]:checked")?.value ?? (isKept ? "" : "day");
      for (const part of parts) {
        const inputs = [...part.querySelectorAll("input, select, textarea")];
        const asked = part.dataset.whenFor.split(" ").includes(chosen);
        const isAskedAbout = part.querySelector(".is-invalid, [aria-invalid=true]") !== null;
        part.hidden = !asked && !(isKept && (isAskedAbout || inputs.some(isTyped)));
        if (!isKept) for (const input of inputs) input.disabled = !asked;
      }
    };
    edge.addEventListener("change", show);
    show();
  }
})();
