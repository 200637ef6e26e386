/* Shows only the inputs that the chosen precision asks for. Without this all of them show, and the choice decides. */
(() => {
  "use strict";

  for (const edge of document.querySelectorAll("[data-when]")) {
    const parts = [...edge.querySelectorAll("[data-when-for]")];
    const show = () => {
      const chosen = edge.querySelector("input[type=radio]:checked")?.value ?? "day";
      for (const part of parts) {
        const asked = part.dataset.whenFor.split(" ").includes(chosen);
        part.hidden = !asked;
        for (const input of part.querySelectorAll("input, select")) input.disabled = !asked;
      }
    };
    edge.addEventListener("change", show);
    show();
  }
})();
