/* The search box offers clients while it is typed into (the combobox of the ARIA practices). Without this file it is a
   plain form, and what it finds is the same. What is typed is sent, never put into an address. */
(() => {
  "use strict";

  const WAIT = 180; // milliseconds after the last letter

  const attach = (form) => {
    const box = form.querySelector("input[type=search]");
    const list = form.querySelector("[role=listbox]");
    const status = form.querySelector("[role=status]");
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    let timer = 0;
    let asking = null;
    let active = -1;

    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");

    const options = () => [...list.querySelectorAll("[role=option]")];

    const mark = (place) => {
      active = place;
      options().forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
      const marked = options()[place];
      if (marked) {
        box.setAttribute("aria-activedescendant", marked.id);
        marked.scrollIntoView({ block: "nearest" });
      } else box.removeAttribute("aria-activedescendant");
    };

    const close = () => {
      clearTimeout(timer);
      if (asking) asking.abort();
      list.hidden = true;
      list.replaceChildren();
      status.textContent = "";
      box.setAttribute("aria-expanded", "false");
      mark(-1);
    };

    const show = (html) => {
      list.innerHTML = html;
      const count = options().length;
      list.hidden = count === 0;
      box.setAttribute("aria-expanded", String(count > 0));
      status.textContent = count === 0 ? "" : count === 1 ? "1 client. Arrow down to choose." : `${count} clients. Arrow down to choose.`;
      mark(-1);
    };

    const ask = async () => {
      const said = box.value.trim();
      if (asking) asking.abort();
      if (!said) return close();
      asking = new AbortController();
      const body = new URLSearchParams({ q: said });
      try {
        const answer = await fetch(form.dataset.suggest, {
          method: "POST",
          body,
          headers: { "X-CSRFToken": token, "HX-Request": "true" },
          redirect: "manual",
          signal: asking.signal,
        });
        if (!answer.ok) return close();
        const html = await answer.text();
        if (document.activeElement === box && box.value.trim() === said) show(html);
      } catch (reason) {
        if (reason.name !== "AbortError") close();
      }
    };

    const open = (option) => {
      close();
      box.value = "";
      location.assign(option.dataset.href);
    };

    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    box.addEventListener("blur", close);
    form.addEventListener("submit", close);
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) open(option);
    });
    box.addEventListener("keydown", (event) => {
      const count = options().length;
      if (event.isComposing) return;
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        open(options()[active]);
      } else if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        // beyond the last and before the first is the box itself
        const step = event.key === "ArrowDown" ? 1 : -1;
        const next = active + step;
        mark(next >= count ? -1 : next < -1 ? count - 1 : next);
      }
    });
  };

  document.querySelectorAll("form[data-suggest]").forEach(attach);
})();
