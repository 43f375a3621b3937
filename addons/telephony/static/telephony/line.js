// Calls on the line. The strip over the page draws itself (data-live); here is what a call makes the page do.
//
//   fc:telephony.answered {phone}   whoever looks at a page of his goes to the form of his call: one page does, the server says which
//   fc:telephony.over {origin}      in the form of that call: is it to be accepted?
//   [data-accept]                   «Yes» of that question

const HIDDEN_WAIT = 1_500; // ms that a page nobody looks at leaves to one that somebody looks at

const headers = () => ({
  "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]')?.content ?? "",
  "X-Fragment": "1",
  "X-Reader": document.body.dataset.user ?? "",
});

/** Whether going away would lose what is typed here. */
const wouldLose = () => [...document.querySelectorAll("form[data-changed]")].some((form) => !("kept" in form.dataset));

async function answered(phone) {
  if (document.hidden) await new Promise((resolve) => { setTimeout(resolve, HIDDEN_WAIT); });
  if (wouldLose()) return; // the strip leads there
  const response = await fetch(`/calls/line/${Number(phone)}/answered`, { method: "POST", headers: headers() }).catch(() => null);
  if (response?.status !== 200) return;
  const target = new URL(await response.text(), location.href);
  if (target.origin === location.origin && !isHere(target)) location.assign(target);
}

/** Whether this page is the one that a call leads to. */
function isHere(target) {
  const origin = target.searchParams.get("origin");
  return origin ? origin === openOrigin() : target.pathname === location.pathname;
}

/** The call whose form is open here. */
const openOrigin = () => document.querySelector("#rcp-form")?.elements.origin?.value ?? "";

function over(origin) {
  if (!origin || origin !== openOrigin() || document.querySelector("dialog[open]")) return;
  const link = document.createElement("a");
  Object.assign(link, { href: "/calls/line/over", hidden: true });
  link.dataset.ask = "";
  document.body.append(link);
  link.click();
  link.remove();
}

document.addEventListener("fc:telephony.answered", ({ detail }) => { answered(detail.phone); });
document.addEventListener("fc:telephony.over", ({ detail }) => over(detail.origin));
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-accept]");
  if (!button) return;
  button.closest("dialog")?.close();
  document.querySelector("#rcp-form .actbar [data-key~='Ctrl+Enter']")?.click();
});
