// A page that answers a form stands in the history as the page the form was on: going back to it or loading it again
// sends nothing a second time, and needs no answer of the person's. What was typed goes with that place in the history,
// and stands in the form again when the page is loaded again. Forms with a draft have theirs from the server.

import { fieldsOf } from "./drafts.js";
import { debounced, READER } from "./page.js";

const DELAY = 300;

/** Stand as the form's page, or give back what was typed there. */
export function start() {
  const place = document.querySelector('meta[name="form-page"]')?.content;
  if (place) {
    const [path, forms] = [location.pathname, formsTo(location.pathname)];
    history.replaceState(null, "", place);
    keep(path, forms);
  } else if (history.state?.typed?.reader === READER) {
    giveBack(history.state.typed);
  }
}

/** The forms that send to an address and have no draft. */
function formsTo(path) {
  const sendsThere = (form) => new URL(form.getAttribute("action") || "", location.href).pathname === path;
  return [...document.querySelectorAll("#main form[method=post]:not([data-draft])")].filter(sendsThere);
}

function keep(path, forms) {
  if (!forms.length) return;
  const note = () => history.replaceState({ ...history.state, typed: { reader: READER, path, forms: forms.map(fieldsOf) } }, "");
  const later = debounced(note, DELAY); // browsers count how often a page writes to its history
  for (const form of forms) {
    form.addEventListener("input", later);
    form.addEventListener("change", later);
  }
  note();
}

function giveBack({ path, forms: typed }) {
  const forms = formsTo(path);
  forms.forEach((form, place) => fill(form, typed[place] ?? []));
  keep(path, forms);
}

/** What people type and choose. Hidden fields are the page's own, but for the number behind a look-up and the version that was typed over. */
const TYPED = "input:not([type=file], [type=hidden]), input[type=hidden]:is([id$='-value'], [name=version]), textarea";

function fill(form, fields) {
  const left = [...fields];
  const typedInto = (control) => left.filter(([name]) => name === control.name).map(([, value]) => value);
  for (const control of form.elements) {
    if (control.matches("[type=checkbox], [type=radio]")) {
      control.checked = typedInto(control).includes(control.value);
    } else if (control.matches("select")) {
      const chosen = typedInto(control);
      for (const option of control.options) option.selected = chosen.includes(option.value);
    } else if (control.matches(TYPED)) {
      const next = left.findIndex(([name]) => name === control.name);
      if (next >= 0) [[, control.value]] = left.splice(next, 1);
    }
  }
  if ("warn" in form.dataset) form.dataset.changed = "";
}
