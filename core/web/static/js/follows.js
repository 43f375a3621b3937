// Fields that follow another one: [data-follows="<name>"] takes the label that belongs to what is chosen there
// (data-labels, the general one under ""), a box is ticked and locked for the values of data-ticked, and an empty field
// is not asked for under those of data-unasked.

/** Let the fields inside an element follow. */
export function arm(root) {
  for (const field of root.querySelectorAll("[data-follows]:not([data-armed])")) {
    const leader = field.form?.elements[field.dataset.follows];
    if (!leader) continue;
    field.dataset.armed = "";
    leader.addEventListener("change", () => follow(field, leader.value));
  }
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
