// The calendar: dragging an appointment, or an arrow key on it and then Enter, opens the form to move it with the new time in
// it. The server decides. Without this script each appointment's own page has the same form.
(() => {
  "use strict";

  const STEP = 15; // minutes
  const says = document.querySelector("[data-calendar-says]");

  document.querySelectorAll("[data-calendar]").forEach((calendar) => {
    const number = (name) => Number(getComputedStyle(calendar).getPropertyValue(name));
    const isList = () => getComputedStyle(calendar).display === "block"; // the agenda, and a week on a phone
    let dragged = null;
    let grip = 0;
    let ghost = null;

    const clear = () => {
      if (ghost) ghost.remove();
      ghost = null;
      if (dragged) dragged.classList.remove("is-dragged");
      dragged = null;
    };

    const words = (day, minute) => {
      const [year, month, date] = day.dataset.day.split("-").map(Number);
      const moment = new Date(year, month - 1, date, Math.floor(minute / 60), minute % 60);
      return moment.toLocaleString("en-US", { weekday: "long", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
    };

    const show = (day, minute, block) => {
      const track = day.querySelector(".cal__track");
      if (!ghost) {
        ghost = document.createElement("div");
        ghost.className = "cal__ghost";
      }
      track.append(ghost);
      const perMinute = track.clientHeight / (number("--for") * 60);
      ghost.style.top = `${(minute - number("--from") * 60) * perMinute}px`;
      ghost.style.height = `${block.offsetHeight}px`;
      ghost.textContent = words(day, minute);
    };

    const go = (block, day, minute) => {
      const to = new URL(block.dataset.move, window.location.href);
      const two = (value) => String(value).padStart(2, "0");
      to.searchParams.set("day", day.dataset.day);
      to.searchParams.set("time", `${two(Math.floor(minute / 60))}:${two(minute % 60)}`);
      if (day.dataset.staff) to.searchParams.set("staff", day.dataset.staff);
      window.location.assign(to);
    };

    const within = (minute) => {
      const first = number("--from") * 60;
      return Math.min(Math.max(minute, first), first + number("--for") * 60 - STEP);
    };

    const minuteAt = (day, y) => {
      const track = day.querySelector(".cal__track").getBoundingClientRect();
      const minute = number("--from") * 60 + ((y - grip - track.top) / track.height) * number("--for") * 60;
      return within(Math.round(minute / STEP) * STEP);
    };

    const startOf = (block) => {
      const style = getComputedStyle(block);
      return Number(style.getPropertyValue("--h")) * 60 + Number(style.getPropertyValue("--m"));
    };

    calendar.querySelectorAll("[data-move]").forEach((block) => {
      if (isList()) return;
      block.draggable = true;
      const link = block.querySelector("a");
      link.draggable = false;

      block.addEventListener("dragstart", (event) => {
        dragged = block;
        grip = event.clientY - block.getBoundingClientRect().top;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", ""); // no name leaves the page
        block.classList.add("is-dragged");
      });
      block.addEventListener("dragend", clear);

      let target = null; // where the arrow keys have brought it: { day, minute }
      link.addEventListener("keydown", (event) => {
        if (event.key === "Escape" || event.key === "Tab") {
          target = null;
          clear();
          return;
        }
        if (event.key === "Enter" && target) {
          event.preventDefault();
          go(block, target.day, target.minute);
          return;
        }
        const turn = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
        if (!turn || event.altKey || event.ctrlKey || event.metaKey || isList()) return;
        event.preventDefault();
        const days = [...calendar.querySelectorAll(".cal__day")];
        target = target || { day: block.closest(".cal__day"), minute: startOf(block) };
        const place = Math.min(Math.max(days.indexOf(target.day) + turn[0], 0), days.length - 1);
        target = { day: days[place], minute: within(target.minute + turn[1]) };
        show(target.day, target.minute, block);
        if (says) says.textContent = `${words(target.day, target.minute)}. Press Enter to move it, Escape to leave it.`;
      });
    });

    calendar.querySelectorAll(".cal__day").forEach((day) => {
      day.addEventListener("dragover", (event) => {
        if (!dragged) return;
        event.preventDefault();
        show(day, minuteAt(day, event.clientY), dragged);
      });
      day.addEventListener("drop", (event) => {
        if (!dragged) return;
        event.preventDefault();
        go(dragged, day, minuteAt(day, event.clientY));
      });
    });
  });

  // Typing a day or a time means another time than the openings.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-booking]");
    if (form && ["day", "time"].includes(event.target.name)) form.querySelector("#at-other").checked = true;
  });
})();
