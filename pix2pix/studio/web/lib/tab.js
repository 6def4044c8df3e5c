// What every tab is: an object that knows everything, and a place on the page that is drawn from it.

import { overlays } from "../components/overlays.js";
import { html, render } from "../vendor/htm-preact.js";
import { answering } from "./server.js";

const NOTICE = 10_000; // milliseconds in which a sentence is read, with some left

/** Subclasses say in `view()` what is shown. What does not differ from last time is not touched: the focus, open menus and what
 * is being typed stay, and drawing again costs about a millisecond. */
export class Tab {
  constructor(element, server) {
    this.element = element;
    this.server = answering(server);
    /** @type {HTMLElement} */
    this.studio = element.querySelector(".studio");
    this.place = this.studio.querySelector(".live");
    this.place.replaceChildren(); // what was there for the first paint
    this.words = ""; // in the toast
    this.offer = null; // what can be done about them: { title, run }
    this.troubled = false; // whether they say what is wrong
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

  /** Says a sentence at the foot of the page for so many milliseconds; "" takes it away. With an `offer`, { title, run }, it stays. */
  toast(text, milliseconds = NOTICE, offer = null) {
    clearTimeout(this.timer);
    this.troubled = false;
    if (text && !offer && milliseconds < Infinity) this.timer = setTimeout(() => this.toast(""), milliseconds);
    if (text === this.words && offer === this.offer) return;
    Object.assign(this, { words: text, offer });
    this.render();
  }

  /** Says what is wrong until it is `mended`. */
  trouble(text) {
    this.toast(text, Infinity);
    this.troubled = true;
  }

  /** Takes away what `trouble` said, and no other sentence. */
  mended() { if (this.troubled) this.toast(""); }

  /** Shows a picture large, over the page. */
  enlarge(url, title) {
    this.enlarged = { url, title };
    this.render();
    this.find(".lightbox").showModal();
  }
}
