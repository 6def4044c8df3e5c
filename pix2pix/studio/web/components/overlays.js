// What lies over a tab: one sentence at the foot of the page, and a picture shown large.

import { html } from "../vendor/htm-preact.js";

/** @import { Tab } from "../lib/tab.js" */

/** @param {Tab} tab */
export function overlays(tab) {
  const { words, offer, enlarged } = tab;
  const leave = (event) => { if (event.target === event.currentTarget) event.target.close(); }; // a click beside the picture
  return html`
    <div class="toast" role="alert" hidden=${!words}>${words}${offer && html`
      <button type="button" class="chip small" onclick=${() => { tab.toast(""); offer.run(); }}>${offer.title}</button>`}</div>
    <dialog class="lightbox" aria-label="Enlarged picture" onclick=${leave}>
      <img src=${enlarged.url} alt=${enlarged.title} />
      <form method="dialog"><span>${enlarged.title}</span><button class="chip">Close</button></form>
    </dialog>`;
}

/** Properties of an image that is shown large when it is clicked, or chosen by keyboard. */
export function enlarging(open, wanted = () => true) {
  return {
    tabindex: 0,
    role: "button",
    onclick: () => { if (wanted()) open(); },
    onkeydown(event) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open();
    },
  };
}

/** A button around a picture, which it enlarges.
 * @param {Tab} tab */
export function framed(tab, url, caption) {
  return html`<button class="frame" type="button" title="Enlarge" aria-label=${`Enlarge: ${caption}`} onclick=${() => tab.enlarge(url, caption)}>
    <img src=${url} alt=${caption} /></button>`;
}
