/* The administration's choosers carry no name for screen readers: give each the label of its field. */
(() => {
  "use strict";

  const nameAll = () => {
    for (const select of document.querySelectorAll("select.admin-autocomplete")) {
      const label = document.querySelector(`label[for="${select.id}"]`);
      const drawn = select.nextElementSibling;
      if (!label || !drawn) continue;
      const words = label.textContent.replace(/:\s*$/, "").trim();
      for (const part of drawn.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox], input")) {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", words);
      }
    }
    for (const field of document.querySelectorAll(".select2-container--open .select2-search__field")) {
      if (!field.hasAttribute("aria-label")) field.setAttribute("aria-label", "Search");
    }
  };

  window.addEventListener("load", () => {
    nameAll();
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  });
})();
