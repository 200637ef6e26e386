/* Offers words that were left behind on this machine: a browser that was closed, or a session that had ended. */
(() => {
  "use strict";

  const place = document.querySelector("[data-copy]");
  const copies = window.onwardCopy;
  if (!place || !copies) return;
  const form = document.querySelector("form[data-autosave]");
  const list = place.querySelector("[data-copy-words]");
  const at = place.querySelector("[data-copy-at]");
  const put = place.querySelector("[data-copy-put]");

  const standsAlready = (field) => {
    if (!form) return false;
    const plain = (values) => values.map((each) => String(each).replaceAll("\r\n", "\n").trim()).sort();
    const [now, copied] = [plain(new FormData(form).getAll(field.name)), plain(field.values)];
    if (JSON.stringify(now) === JSON.stringify(copied)) return true;
    const isProse = form.elements[field.name] instanceof HTMLTextAreaElement; // within what stands, nothing is missing
    return isProse && copied[0] !== "" && now[0].includes(copied[0]);
  };

  // Both texts are on the page, and the server has put aside what was typed here: the copies have done their part.
  if ("copySettled" in place.dataset) {
    copies.leftBehind().then((found) => found.forEach((copy) => copies.remove(copy.id)), () => undefined);
    return;
  }

  const show = async () => {
    const found = (await copies.leftBehind().catch(() => [])).map((copy) => ({
      ...copy,
      fields: copy.fields.filter((field) => !standsAlready(field)),
    }));
    found.filter((copy) => !copy.fields.length).forEach((copy) => copies.remove(copy.id));
    const copy = found.find((each) => each.fields.length);
    place.hidden = !copy;
    if (!copy) return;
    at.textContent = `Typed ${copy.at.toLocaleString(document.documentElement.lang || "en-US", { dateStyle: "medium", timeStyle: "short" })}.`;
    list.replaceChildren(
      ...copy.fields.flatMap((field) => {
        const [label, words] = [document.createElement("dt"), document.createElement("dd")];
        label.textContent = field.label;
        words.textContent = field.shown || "(empty)";
        return [label, words];
      }),
    );
    if (put) {
      put.onclick = async () => {
        await window.onwardPutBack(copy);
        await copies.remove(copy.id);
        show();
      };
    }
    place.querySelector("[data-copy-drop]").onclick = async () => {
      await copies.remove(copy.id);
      show();
    };
  };

  show();
})();
