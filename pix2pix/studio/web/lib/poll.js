// Looking at the server now and then.

/** Awaits `look()` again and again while `element` is on a page that is seen; `pause()` gives the milliseconds between. */
export async function poll(element, look, pause) {
  while (element.isConnected) {
    if (!document.hidden) await look();
    await new Promise((resolve) => setTimeout(resolve, pause()));
  }
}
