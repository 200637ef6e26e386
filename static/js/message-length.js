/* How long a wording is as a text message, as it is typed. The server says the same (reminders/segments.py). */
(() => {
  "use strict";

  const BASIC = new Set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
  );
  const COUNT_TWO = new Set("^{}\\[~]|€\f");
  const PLAIN = new Map(
    Object.entries({
      á: "a", í: "i", ó: "o", ú: "u", Á: "A", Í: "I", Ó: "O", Ú: "U", À: "A", È: "E", Ì: "I", Ò: "O", Ù: "U",
      â: "a", ê: "e", î: "i", ô: "o", û: "u", ç: "Ç", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-",
      "…": "...", "\u00a0": " ", "\u202f": " ",
    }),
  );

  const said = (text) => {
    const sent = [...text].map((each) => PLAIN.get(each) ?? each).join("");
    const stranger = [...sent].find((each) => !BASIC.has(each) && !COUNT_TWO.has(each));
    const units = stranger ? sent.length : [...sent].reduce((sum, each) => sum + (COUNT_TWO.has(each) ? 2 : 1), 0);
    const [alone, ofMany] = stranger ? [70, 67] : [160, 153];
    const segments = units <= alone ? 1 : Math.ceil(units / ofMany);
    const because = stranger ? `, because of “${stranger}”` : "";
    return `${units} of ${alone} characters on the longest day, ${segments} text message${segments === 1 ? "" : "s"}${because}`;
  };

  for (const form of document.querySelectorAll("[data-message-length]")) {
    const body = form.querySelector("textarea");
    const out = form.querySelector("[data-length]");
    body.addEventListener("input", () => {
      const filled = body.value
        .replaceAll("{day}", form.dataset.day)
        .replaceAll("{time}", form.dataset.time)
        .replaceAll("{number}", form.dataset.number);
      out.textContent = said(filled);
    });
  }
})();
