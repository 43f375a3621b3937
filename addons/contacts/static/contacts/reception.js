// The reception form: a chosen client can be taken away again, and the answer to «have you been our client before» puts
// the focus where the conversation goes on.
//
//   data-clear="id"     a button that empties a hidden field
//   data-focuses="id"   choices after which this field gets the focus, once the form has been drawn anew

let focusNext = "";

function clear(button) {
  const field = document.getElementById(button.dataset.clear);
  field.value = "";
  focusNext = field.id.replace(/-value$/, "");
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", ({ target }) => {
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
