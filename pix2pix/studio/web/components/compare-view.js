// The two pictures: side by side, or one over the other with a slider and their difference; and the critic's view.

import { finder, press } from "../lib/dom.js";
import { decode } from "../lib/files.js";
import { DiscriminatorView, passing } from "./discriminator-view.js";
import { closeByClick, enlargeable } from "./lightbox.js";

/** @import { Answer, Model } from "../types.d.ts" */

const TITLES = {
  "l1": ["L1 only", "Trained to be right on average, so it hedges and blurs."],
  "l1+cgan": ["L1 + cGAN", "A discriminator rejected blur in training, so it commits to detail."],
};
const SCORES_HELP = "This one discriminator's scores, not the truth: blue patches pass for real with it, orange ones do not. Point at one, or use the arrow keys, to see the pixels it judged.";
const COMPARE_HELP = "Drag to move between the models. The right picture shows where they differ, brighter is more.";

export class CompareView {
  /** `root` is the `.studio` of a tab. */
  constructor(root) {
    const { $, all } = finder(root);
    this.root = root;
    this.slots = all(".output").map((figure) => ({
      figure,
      title: figure.querySelector("h2"),
      help: figure.querySelector("p"),
      square: figure.querySelector(".square"),
      image: figure.querySelector("img"),
      scores: figure.querySelector(".patch-scores"),
      field: figure.querySelector(".field"),
      empty: figure.querySelector(".empty"),
      map: null, // what the discriminator makes of the picture
      tapped: false, // whether a finger was the last to point at it
    }));
    this.over = $(".over");
    this.divider = $(".divider");
    this.difference = $(".difference");
    this.viewHelp = $(".view-help");
    this.results = $(".results");
    this.buttons = all("[data-view]");
    this.view = "pair";
    /** @type {Model[]} */
    this.models = [];
    /** @type {Answer & { urls: string[], images: HTMLImageElement[] }} */
    this.answer = null;
    this.divider.addEventListener("input", () => this.#divide());
    this.discriminatorView = new DiscriminatorView(this.slots, (words) => { this.viewHelp.textContent = words; });
    // Where the critic's view is on, a finger's tap is for that.
    for (const slot of this.slots) enlargeable(slot.image, () => slot.title.textContent, () => !(slot.map && slot.tapped));
    for (const button of this.buttons) button.addEventListener("click", () => this.#choose(button.dataset.view));
    closeByClick(root);
  }

  /** Captions and places for at most two models, L1 only first; answers hold their pictures under `key`. */
  setModels(models) {
    this.models = models;
    this.empty("");
  }

  /** Whether one picture is laid over the other. */
  get comparing() { return this.view === "compare" && this.models.length === 2; }

  /** Whether any of the models brought its discriminator. */
  get hasDiscriminator() { return this.models.some((model) => model.lens); }

  titleOf(number) { return this.models[number] ? titleAndHelp(this.models[number])[0] : ""; }

  /** No picture at all, rather than one that belongs to something else. */
  empty(text) {
    this.answer = null;
    for (const [number, slot] of this.slots.entries()) {
      slot.empty.textContent = this.models[number] ? text : "Only one model is installed for this task.";
    }
    this.#refresh();
  }

  /** Puts an answer up once its pictures are decoded, both in the same frame, if `current()` still holds.
   * @param {Answer} answer
   * @param {() => boolean} current */
  async show(answer, current) {
    const urls = this.models.map((model) => answer.pictures[model.key]);
    const images = await Promise.all(urls.map(decode));
    if (!current()) return;
    this.discriminatorView.lens = this.models.find((model) => model.key === answer.discriminator)?.lens;
    this.answer = { ...answer, urls, images };
    this.#refresh();
  }

  /** Whether the pictures are behind the drawing. */
  setBusy(on) { this.results.setAttribute("aria-busy", String(on)); }

  /** Whether they are so for longer than they should. */
  setSlow(on) { this.root.classList.toggle("slow", on); }

  /** The URL of the picture in a place, null if there is none. */
  url(number) { return this.answer?.urls[number] ?? null; }

  #choose(view) {
    this.view = view;
    this.#refresh();
  }

  #refresh() {
    const compare = this.comparing;
    for (const button of this.buttons) {
      press(button, (button.dataset.view === "compare") === compare);
      if (button.dataset.view === "compare") button.disabled = this.models.length < 2;
    }
    const has = this.answer !== null;
    this.results.dataset.showing = compare ? "compare" : "pair";
    this.viewHelp.textContent = this.#help();
    for (const [number, slot] of this.slots.entries()) {
      const [title, help] = this.#caption(number, compare);
      slot.title.textContent = title;
      slot.help.textContent = help;
      const url = this.url(number);
      slot.image.hidden = !url || (compare && number === 1);
      if (url) slot.image.src = url;
      else slot.image.removeAttribute("src");
      slot.image.alt = url ? `${this.titleOf(number)}'s picture` : "";
      slot.image.setAttribute("aria-label", `${title}, press to enlarge`);
      slot.empty.hidden = url !== null;
      this.discriminatorView.show(slot, compare ? null : this.answer?.patch_scores[this.models[number]?.key]);
    }
    this.over.hidden = this.divider.hidden = this.difference.hidden = !(compare && has);
    if (compare && has) {
      this.over.src = this.url(1);
      this.#divide();
      this.#subtract();
    }
  }

  #help() {
    if (this.comparing) return COMPARE_HELP;
    if (Object.keys(this.answer?.patch_scores ?? {}).length) return SCORES_HELP;
    const about = this.models.length === 2 ? "Both models get the same input. Click a picture to enlarge it." : "Click the picture to enlarge it.";
    return about + (this.hasDiscriminator ? " Critic's view shows how real the discriminator finds each patch." : "");
  }

  #caption(number, compare) {
    if (compare) {
      return number === 0 ? [`${this.titleOf(0)} | ${this.titleOf(1)}`, `Left of the line ${this.titleOf(0)}, right of it ${this.titleOf(1)}.`] : ["Difference", "How far apart the two pictures are, times two."];
    }
    const model = this.models[number];
    const scores = this.answer?.patch_scores[model?.key];
    if (scores) return [this.titleOf(number), `${passing(scores)} % of its patches pass for real.`];
    return model ? titleAndHelp(model) : ["", ""];
  }

  #divide() {
    this.over.style.clipPath = `inset(0 0 0 ${this.divider.value}%)`;
    this.divider.style.setProperty("--at", `${this.divider.value}%`);
  }

  #subtract() {
    const context = this.difference.getContext("2d");
    context.globalCompositeOperation = "copy";
    context.drawImage(this.answer.images[0], 0, 0);
    context.globalCompositeOperation = "difference";
    context.drawImage(this.answer.images[1], 0, 0);
    context.globalCompositeOperation = "lighter";
    context.drawImage(this.difference, 0, 0);
  }
}

/** The two models that a task is about go by what they were trained for, all others by name.
 * @param {Model} model */
function titleAndHelp(model) {
  const known = TITLES[model.objective];
  return known && model.shown ? known : [model.name, known?.[1] ?? `Trained with ${model.objective}.`];
}
