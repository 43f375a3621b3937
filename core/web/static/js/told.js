// What a page tells once because its address asks for it: that part of the address goes, and loading the page again, or
// coming back to it, does not tell it again.
//
//   data-told="name"    on what is told: the part of the address

/** Take what is told out of the address. */
export function start() {
  const address = new URL(location.href);
  for (const { dataset } of document.querySelectorAll("[data-told]")) address.searchParams.delete(dataset.told);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}
