/* This browser is a tablet in a client's hands now: its other windows must not go on showing what they showed before.
   They listen in onward.js. Without scripts the server still answers none of them anything but this. */
(() => {
  "use strict";

  try {
    localStorage.setItem("onward-tablet", crypto.getRandomValues(new Uint32Array(2)).join("-"));
    sessionStorage.removeItem("htmx-current-path-for-history"); // the address of the counselor's page, a client's number in it
  } catch {
    // no storage in this browser: windows are covered as soon as they ask for anything
  }
})();
