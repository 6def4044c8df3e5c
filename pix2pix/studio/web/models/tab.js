// What the Models tab knows: the list on the left, what is chosen beside it.

import { toaster } from "../components/toast.js";
import { finder } from "../lib/dom.js";

const PANES = ["about-model", "about-run", "adding"];
const TOAST_MS = 6000;

export class ModelsTab {
  constructor(element, server) {
    const { $, all } = finder(element);
    this.server = server;
    this.$ = $;
    this.all = all;
    const show = toaster(element);
    this.toast = (text) => show(text, TOAST_MS);
    this.visitor = visitor();
    this.models = [];
    this.version = null; // of the models
    this.runs = [];
    /** @type {any[] | null | undefined} */
    this.pulls = undefined; // until the server has answered; null where the owner has switched pulling off
    this.chosen = { pane: null, name: null };
    this.watched = { name: null, version: null }; // the run on show
    this.known = []; // public models
    this.found = null; // those that a search found
  }

  /** Calls a function of the server: what it answers, or null once its refusal has been shown. */
  async call(name, request) {
    const answer = await this.server[name](request).catch(() => ({ error: "The server cannot be reached." }));
    if (!answer.error) return answer;
    this.toast(answer.error);
    return null;
  }

  /** Shows one of the panes; on a phone it takes the place of the list. */
  open(pane, name) {
    const other = this.chosen.pane !== pane || this.chosen.name !== name;
    this.chosen = { pane, name };
    this.$(".shelf").dataset.pane = "open";
    for (const each of PANES) this.$(`.${each}`).hidden = each !== pane;
    this.mark();
    if (other && isNarrow()) this.$(".pane").focus();
  }

  close() {
    this.chosen = { pane: null, name: null };
    this.$(".shelf").dataset.pane = "none";
    this.mark();
  }

  /** The button in the list of what is chosen. A model that is trained again is there twice. */
  itemOf({ pane, name }) {
    const lists = pane === "about-run" ? ":is(.running, .halted)" : ":is(.usable, .unusable)";
    return pane && this.$(`.stock ${lists} li[data-key="${CSS.escape(name)}"] .item`);
  }

  /** Marks in the list what is chosen. */
  mark() {
    const current = this.itemOf(this.chosen);
    for (const button of this.all(".item")) {
      if (button === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    this.$(".add").setAttribute("aria-pressed", String(this.chosen.pane === "adding"));
  }
}

export function isNarrow() { return matchMedia("(max-width: 720px)").matches; }

/** Tells this browser's pulls from those of others: only who began one can cancel it. */
function visitor() {
  const fresh = crypto.getRandomValues(new Uint32Array(4)).join("-");
  try {
    localStorage.setItem("pix2pix-me", localStorage.getItem("pix2pix-me") ?? fresh);
    return localStorage.getItem("pix2pix-me");
  } catch {
    return fresh; // storage is off: lasts until reload
  }
}
