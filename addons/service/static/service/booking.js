// The form of a booking: a click on a free window fills in time and bay, one on a car the car; works say how long it lasts.
//
//   data-window="2026-11-20T14:00" data-bay="3" data-title="Пост 1" data-mechanic="7" data-mechanic-title="Петухов"  a free window
//   data-car="17" data-title="Kia Rio"                              a car of the client
//   data-job                                                        a work that may be chosen
//   data-lasts="120"                                                how long the chosen works take, in minutes

//
// The models that are offered are those of the chosen make.

let worksChanged = false; // what somebody typed as duration stays until he chooses other works

const field = (id) => document.getElementById(id);

function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Fill in a look-up, which is a list where there are only a few records. */
function choose(name, value, title) {
  const hidden = field(`${name}-value`);
  if (hidden) field(name).value = title;
  const holder = hidden ?? field(name);
  holder.value = value;
  changed(holder);
}

function takeWindow({ window: at, bay, title, mechanic, mechanicTitle }) {
  field("starts_at").value = at;
  choose("mechanic_id", mechanic, mechanicTitle);
  choose("bay_id", bay, title);
}

/** Offer the models of the make that is chosen; all of them while none is. */
function offerModels() {
  const make = field("make_id").selectedOptions?.[0];
  const models = field("model_id");
  if (!make || !models.options) return;
  for (const option of models.options) {
    option.hidden = Boolean(make.value && option.value && !option.text.startsWith(`${make.text} `));
  }
  if (models.selectedOptions[0]?.hidden) {
    models.value = "";
    changed(models);
  }
}

offerModels();

document.addEventListener("click", ({ target }) => {
  const free = target.closest("[data-window]");
  if (free) takeWindow(free.dataset);
  const car = target.closest("[data-car]");
  if (car) choose("vehicle_id", car.dataset.car, car.dataset.title);
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-job]")) worksChanged = true;
  if (target.id === "make_id") offerModels();
});

document.addEventListener("htmx:after:settle", () => {
  const lasts = document.querySelector("#booking-help [data-lasts]")?.dataset.lasts;
  if (worksChanged && lasts) field("minutes").value = lasts;
  worksChanged = false;
});
