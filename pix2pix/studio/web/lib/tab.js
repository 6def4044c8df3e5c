// What every tab is: an object that knows everything, and a place on the page that is drawn from it.

import { overlays } from "../components/overlays.js";
import { html, render } from "../vendor/htm-preact.js";

/** Subclasses say in `view()` what is shown. What does not differ from last time is not touched: the focus, open menus and what
 * is being typed stay, and drawing again costs about a millisecond. */
export class Tab {
  constructor(element, server) {
    this.element = element;
    this.server = server;
    /** @type {HTMLElement} */
    this.studio = element.querySelector(".studio");
    this.place = this.studio.querySelector(".live");
    this.place.replaceChildren(); // what was there for the first paint
    this.words = ""; // in the toast
    this.timer = 0;
    this.enlarged = { url: null, title: "" };
  }

  /** @returns {any} */
  view() { throw new Error("every tab has its own"); }

  render() { render(html`${this.view()}${overlays(this)}`, this.place); }

  /** The first element of the tab that a selector matches.
   * @returns {any} */
  find(selector) { return this.place.querySelector(selector); }

  /** Awaits `look()` again and again while the tab's page is seen; `pause()` gives the milliseconds between. */
  async watch(look, pause) {
    while (this.element.isConnected) {
      if (!document.hidden) await look();
      await new Promise((resolve) => setTimeout(resolve, pause()));
    }
  }

  /** Says a sentence at the foot of the page, for so many milliseconds or until the next; "" takes it away. */
  toast(text, milliseconds = Infinity) {
    clearTimeout(this.timer);
    if (text && milliseconds < Infinity) this.timer = setTimeout(() => this.toast(""), milliseconds);
    if (text === this.words) return;
    this.words = text;
    this.render();
  }

  /** Shows a picture large, over the page. */
  enlarge(url, title) {
    this.enlarged = { url, title };
    this.render();
    this.find(".lightbox").showModal();
  }
}
