/* A signature drawn in a box. Without this file, and for whoever uses the keyboard, the typed name is the signature. */
(() => {
  "use strict";

  const pad = document.querySelector("[data-signature]");
  if (!pad) return;
  const surface = pad.querySelector("svg");
  const drawn = pad.querySelector("[data-signature-path]");
  const field = pad.closest("form").querySelector("[data-signature-field]");
  const WIDTH = 600; // units of the box, as in staff/paper/drawn_signature.py
  const HEIGHT = 200;
  const NEAR = 3; // units that the pen moves before a point is kept
  const MOST = 4000;
  let strokes = [];
  let points = 0;
  let pen = null; // the pointer that draws, so that a resting palm does not

  const at = (event) => {
    const box = surface.getBoundingClientRect();
    const place = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    return [
      place(((event.clientX - box.left) / box.width) * WIDTH, WIDTH),
      place(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT),
    ];
  };

  const show = () => {
    drawn.setAttribute("d", strokes.map((stroke) => `M${stroke.map((point) => point.join(" ")).join("L")}`).join(""));
    field.value = strokes.length ? JSON.stringify(strokes) : "";
  };

  const keep = (point) => {
    const stroke = strokes[strokes.length - 1];
    const last = stroke[stroke.length - 1];
    if (points >= MOST || (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < NEAR)) return;
    stroke.push(point);
    points += 1;
  };

  const clear = () => {
    strokes = [];
    points = 0;
    show();
  };

  surface.addEventListener("pointerdown", (event) => {
    if (pen !== null || event.button !== 0) return;
    pen = event.pointerId;
    surface.setPointerCapture(pen);
    strokes.push([]);
    keep(at(event));
    show();
    event.preventDefault();
  });
  surface.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pen) return;
    (event.getCoalescedEvents?.() ?? [event]).forEach((each) => keep(at(each)));
    show();
  });
  ["pointerup", "pointercancel"].forEach((kind) =>
    surface.addEventListener(kind, (event) => {
      if (event.pointerId === pen) pen = null;
    }),
  );
  pad.querySelector("[data-signature-clear]").addEventListener("click", clear);
  window.addEventListener("pageshow", clear); // going back shows an empty box, so nothing may wait in the field
  pad.hidden = false;
})();
