// The reception form: chosen works are written into the note, a chosen client can be taken away again, and the answer to
// «have you been our client before» puts the focus where the conversation goes on.
//
//   data-adds="words" data-adds-to="id"  a checkbox that adds its words to a text, or takes them out again
//   data-clear="id"                      a button that empties a hidden field
//   data-told="name"                     something told once: its part of the address goes, and a reload does not tell it again
//   data-focuses="id"                    choices after which this field gets the focus, once the form has been drawn anew

let focusNext = "";

function added(text, words) {
  if (text.includes(words)) return text;
  return text.trim() ? `${text.trimEnd().replace(/[;,.]$/, "")}; ${words}` : words;
}

function withdrawn(text, words) {
  return text.replace(`; ${words}`, "").replace(`${words}; `, "").replace(words, "");
}

function addWords(box) {
  const field = document.getElementById(box.dataset.addsTo);
  const change = box.checked ? added : withdrawn;
  field.value = change(field.value, box.dataset.adds);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function clear(button) {
  const field = document.getElementById(button.dataset.clear);
  field.value = "";
  focusNext = field.id.replace(/-value$/, "");
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const told of document.querySelectorAll("[data-told]")) {
  const address = new URL(location.href);
  address.searchParams.delete(told.dataset.told);
  history.replaceState(history.state, "", address);
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-adds]")) addWords(target);
  focusNext = target.closest("[data-focuses]")?.dataset.focuses ?? focusNext;
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-clear]");
  if (button) clear(button);
});

document.addEventListener("htmx:after:settle", () => {
  if (focusNext) document.getElementById(focusNext)?.focus();
  focusNext = "";
});
