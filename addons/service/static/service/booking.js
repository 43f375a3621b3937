// The form of a booking: a click on a free window fills in time and bay, one on a car the car; works say how long it lasts.
//
//   data-window="2026-11-20T14:00" data-bay="3" data-title="Пост 1"  a free window
//   data-car="17" data-title="Kia Rio"                              a car of the client
//   data-job                                                        a work that may be chosen
//   data-lasts="120"                                                how long the chosen works take, in minutes

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

function takeWindow({ window: at, bay, title }) {
  field("starts_at").value = at;
  choose("bay_id", bay, title);
}

document.addEventListener("click", ({ target }) => {
  const free = target.closest("[data-window]");
  if (free) takeWindow(free.dataset);
  const car = target.closest("[data-car]");
  if (car) choose("vehicle_id", car.dataset.car, car.dataset.title);
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-job]")) worksChanged = true;
});

document.addEventListener("htmx:after:settle", () => {
  const lasts = document.querySelector("#booking-help [data-lasts]")?.dataset.lasts;
  if (worksChanged && lasts) field("minutes").value = lasts;
  worksChanged = false;
});
