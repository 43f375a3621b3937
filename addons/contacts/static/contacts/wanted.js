// Chosen works are written into a text, and taken out of it again; what somebody has written himself stays (S1-74).
//
//   data-adds="words" data-adds-to="id"  a checkbox that adds its words to a text, or takes them out again

const SEPARATOR = /(; |\n)/;
const own = new Set(); // words that were in the text before their box was ticked

function has(text, words) {
  return text.split(SEPARATOR).includes(words);
}

function added(text, words) {
  return text.trim() ? `${text.trimEnd().replace(/[;,.]$/, "")}; ${words}` : words;
}

/** Without the words where they stand as a part of their own, and the separator beside them. */
function withdrawn(text, words) {
  const parts = text.split(SEPARATOR);
  const place = parts.lastIndexOf(words);
  if (place >= 0) parts.splice(Math.max(place - 1, 0), 2);
  return parts.join("");
}

function write(box) {
  const { adds: words, addsTo } = box.dataset;
  const field = document.getElementById(addsTo);
  const key = `${addsTo} ${words}`;
  if (box.checked && has(field.value, words)) own.add(key);
  else if (box.checked) field.value = added(field.value, words);
  else if (!own.delete(key)) field.value = withdrawn(field.value, words);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-adds]")) write(target);
});
