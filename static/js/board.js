/* The board by drag and by keys. Both submit the same form as the buttons on the cards; the page works without this. */
(() => {
  "use strict";

  const board = document.querySelector("[data-board]");
  const form = document.querySelector("[data-board-move]");
  if (!board || !form) return;

  const columns = [...board.querySelectorAll("[data-stage]")];
  const nameOf = (card) => card.querySelector(".call-card__name a");
  const columnOf = (card) => card.closest("[data-stage]");
  let dragged = null;

  const move = (card, column) => {
    if (!column || column === columnOf(card)) return;
    form.action = card.dataset.move;
    form.elements.stage.value = column.dataset.stage;
    card.classList.add("is-moving");
    form.requestSubmit();
  };

  /* --- Keys ---------------------------------------------------------------------------------------------------- */
  const cardsOf = (column) => [...column.querySelectorAll(".call-card")];

  const neighbor = (card, key) => {
    const column = columnOf(card);
    const place = cardsOf(column).indexOf(card);
    if (key === "ArrowUp" || key === "ArrowDown") return cardsOf(column)[place + (key === "ArrowDown" ? 1 : -1)];
    const step = key === "ArrowRight" ? 1 : -1;
    for (let index = columns.indexOf(column) + step; columns[index]; index += step) {
      const cards = cardsOf(columns[index]);
      if (cards.length) return cards[Math.min(place, cards.length - 1)];
    }
    return undefined;
  };

  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".call-card");
    if (!card || !event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey) {
      if (!card.dataset.move || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      event.preventDefault();
      if (!event.repeat) move(card, columns[columns.indexOf(columnOf(card)) + (event.key === "ArrowRight" ? 1 : -1)]);
      return;
    }
    event.preventDefault();
    const next = neighbor(card, event.key);
    if (next) nameOf(next).focus();
  });

  /* --- Drag ---------------------------------------------------------------------------------------------------- */
  for (const card of board.querySelectorAll("[data-move]")) card.draggable = true;

  board.addEventListener("dragstart", (event) => {
    const card = event.target.closest("[data-move]");
    if (!card) return;
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", nameOf(card).id); // a number, never a name: it may be dropped anywhere
    card.classList.add("is-dragged");
  });

  board.addEventListener("dragover", (event) => {
    const column = event.target.closest("[data-stage]");
    for (const each of columns) each.classList.toggle("is-target", Boolean(dragged) && each === column && each !== columnOf(dragged));
    if (!dragged || !column) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
  });

  board.addEventListener("drop", (event) => {
    const column = event.target.closest("[data-stage]");
    if (!dragged || !column) return;
    event.preventDefault();
    move(dragged, column);
  });

  board.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    for (const each of columns) each.classList.remove("is-target");
  });

  document.querySelector("[data-board-hint]").hidden = false;
})();
