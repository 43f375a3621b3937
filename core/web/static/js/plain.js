// Pages without the shell: a form sent once, a password that can be shown, a way back, printing, copying.

import { arm as armCopying } from "./copying.js";
import { start as guardForms } from "./forms.js";
import { arm as armPrinting, start as startPrinting } from "./printing.js";
import { start as standAsFormPage } from "./refused.js";

function revealPasswords() {
  for (const button of document.querySelectorAll("[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
      input.focus();
    });
  }
}

function wayBack() {
  for (const link of document.querySelectorAll("[data-back]")) {
    link.hidden = history.length < 2;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      history.back();
    });
  }
}

standAsFormPage();
guardForms();
startPrinting();
armPrinting(document);
armCopying(document);
revealPasswords();
wayBack();
