// Fields that follow another one: [data-follows="<name>"] takes the label that belongs to what is chosen there
// (data-labels, the general one under ""), a box is ticked and locked for the values of data-ticked, and an empty field
// is not asked for under those of data-unasked. What stands inside [data-asked-with="<name>"] is asked with the values of
// data-asked alone: with any other it is neither shown nor sent, and keeps what was typed.

/** Let the fields inside an element follow. */
export function arm(root) {
  for (const field of root.querySelectorAll("[data-follows]:not([data-armed])")) {
    const leader = field.form?.elements[field.dataset.follows];
    if (!leader) continue;
    field.dataset.armed = "";
    leader.addEventListener("change", () => follow(field, leader.value));
  }
  for (const place of root.querySelectorAll("[data-asked-with]:not([data-armed])")) {
    const leader = place.closest("form")?.elements[place.dataset.askedWith];
    if (!leader) continue;
    place.dataset.armed = "";
    const show = () => askOrNot(place, place.dataset.asked.split(" ").includes(leader.value));
    leader.addEventListener("change", show);
    show();
  }
}

function askOrNot(place, asked) {
  place.hidden = !asked;
  for (const field of place.querySelectorAll("input, select, textarea")) field.disabled = !asked;
}

function follow(field, chosen) {
  const labels = JSON.parse(field.dataset.labels);
  const label = field.labels[0];
  const place = field.type === "checkbox" ? label?.querySelector("span") : label;
  const words = [...(place?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  if (words) words.textContent = labels[chosen] ?? labels[""];
  field.toggleAttribute("data-unasked-now", !field.value && field.dataset.unasked.split(" ").includes(chosen));
  if (field.type === "checkbox" && field.dataset.ticked) lock(field, field.dataset.ticked.split(" ").includes(chosen));
}

function lock(box, locked) {
  if (box.disabled === locked) return;
  if (locked) box.dataset.before = box.checked ? "1" : "";
  box.checked = locked || box.dataset.before === "1";
  box.disabled = locked;
}
