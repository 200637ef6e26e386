/* A measure by number keys: the answer is chosen and the next question follows. The page works without this. */
(() => {
  "use strict";

  const form = document.querySelector("[data-measure]");
  if (!form) return;
  const questions = [...form.querySelectorAll("[data-question]")];
  const answered = form.querySelector("[data-answered]");
  const said = form.querySelector("[data-said]");
  const radios = (question) => [...question.querySelectorAll("input[type=radio]")];
  const chosen = (question) => radios(question).find((radio) => radio.checked);
  const isOpen = (question) => !question.disabled && !(chosen(question) && chosen(question).value);
  const isNought = (key) => {
    const question = questions.find((each) => each.dataset.key === key);
    const radio = question && !question.disabled && chosen(question);
    return Boolean(radio) && radio.value === "0";
  };

  // What the form does not ask after the other answers is set aside: it is not sent, and comes back with its answer.
  const skip = () => {
    questions.filter((question) => question.dataset.skippedAfter).forEach((question) => {
      const branches = question.dataset.skippedAfter.split(";").map((branch) => branch.split(","));
      question.disabled = branches.some((branch) => branch.every(isNought));
      question.closest("li").hidden = question.disabled;
    });
  };

  const count = () => {
    skip();
    const asked = questions.filter((question) => !question.disabled);
    const done = asked.filter((question) => !isOpen(question)).length;
    answered.textContent = `${done} of ${asked.length} answered`;
  };

  const goTo = (question) => {
    const radio = chosen(question) || radios(question)[0];
    radio.focus();
    question.scrollIntoView({ block: "nearest" });
  };

  const follow = (question) => {
    const next = questions.slice(questions.indexOf(question) + 1).find((each) => !each.disabled);
    if (next) goTo(next);
    else form.querySelector("[type=submit]").focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = event.target.closest("[data-question]");
    if (!here && event.target !== document.body && event.target.id !== "main") return;
    if (here && event.target.type !== "radio") return;
    if (/^[0-9]$/.test(event.key)) {
      const question = here || questions.find(isOpen);
      if (!question) return;
      event.preventDefault();
      const radio = radios(question).find((each) => each.value === event.key);
      if (!radio) {
        const allowed = radios(question).map((each) => each.value).filter(Boolean);
        said.textContent = `${event.key} is not on the form. Allowed: ${allowed.join(", ")}.`;
        goTo(question);
        return;
      }
      said.textContent = "";
      radio.checked = true;
      count();
      follow(question);
    } else if (here && event.key === "Enter") {
      // Enter on an answer would send the form; it goes to what is still open, and to the button when nothing is
      event.preventDefault();
      const after = questions.slice(questions.indexOf(here) + 1);
      const open = after.find(isOpen) || questions.find(isOpen);
      if (open) goTo(open);
      else form.querySelector("[type=submit]").focus();
    } else if (here && ["Backspace", "Delete"].includes(event.key)) {
      event.preventDefault();
      radios(here).find((each) => !each.value).checked = true;
      goTo(here);
      count();
    }
  });

  form.addEventListener("change", count);
  form.querySelector("[data-keys]").hidden = !matchMedia("(hover: hover)").matches;
  count();
})();
