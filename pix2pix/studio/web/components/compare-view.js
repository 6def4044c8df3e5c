// The two pictures: side by side, or one over the other with a slider and their difference; and the critic's view.

import { decode } from "../lib/files.js";
import { html } from "../vendor/htm-preact.js";
import { segments } from "./controls.js";
import { DiscriminatorView, passing } from "./discriminator-view.js";
import { enlarging } from "./overlays.js";

/** @import { Answer, Model } from "../types.d.ts"
 * @import { Tab } from "../lib/tab.js" */

const TITLES = {
  "l1": ["L1 only", "Trained to be right on average, so it hedges and blurs."],
  "l1+cgan": ["L1 + cGAN", "A discriminator rejected blur in training, so it commits to detail."],
};
const SCORES_HELP = "This one discriminator's scores, not the truth: blue patches pass for real with it, orange ones do not. Point at one, or use the arrow keys, to see the pixels it judged.";
const COMPARE_HELP = "Drag to move between the models. The right picture shows where they differ, brighter is more.";

export class CompareView {
  /** @param {Tab} tab */
  constructor(tab) {
    this.tab = tab;
    this.view = "pair";
    this.split = 50; // where one picture ends and the other begins, in percent
    this.text = ""; // where there is no picture
    /** @type {Model[]} */
    this.models = []; // at most two, L1 only first; answers hold their pictures under `key`
    /** @type {Answer & { urls: string[], images: HTMLImageElement[] }} */
    this.answer = null;
    this.critic = new DiscriminatorView(() => tab.render());
  }

  /** Whether one picture is laid over the other. */
  get comparing() { return this.view === "compare" && this.models.length === 2; }

  /** Whether any of the models brought its discriminator. */
  get hasDiscriminator() { return this.models.some((model) => model.lens); }

  titleOf(place) { return this.models[place] ? titleAndHelp(this.models[place])[0] : ""; }

  /** The URL of the picture in a place, null if there is none. */
  url(place) { return this.answer?.urls[place] ?? null; }

  setModels(models) {
    this.models = models;
    this.empty("");
  }

  /** No picture at all, rather than one that belongs to something else. */
  empty(text) {
    this.text = text;
    this.#change({ answer: null });
  }

  /** Puts an answer up once its pictures are decoded, both in the same frame, if `current()` still holds.
   * @param {Answer} answer
   * @param {() => boolean} current */
  async show(answer, current) {
    const urls = this.models.map((model) => answer.pictures[model.key]);
    const images = await Promise.all(urls.map(decode));
    if (!current()) return;
    this.#change({ answer: { ...answer, urls, images } });
  }

  /** Whether the pictures are behind the drawing; told while the pen moves, so nothing is drawn anew for it. */
  setBusy(on) { this.tab.find(".results").setAttribute("aria-busy", String(on)); }

  /** Whether they are so for longer than they should. */
  setSlow(on) { this.tab.studio.classList.toggle("slow", on); }

  #change(changes) {
    Object.assign(this, changes);
    const scores = this.comparing ? {} : this.answer?.patch_scores ?? {};
    this.critic.show(this.models.map((model) => scores[model.key]), this.models.find((model) => model.key === this.answer?.discriminator)?.lens);
    this.tab.render();
    this.critic.paint(this.tab.place.querySelectorAll(".patch-scores"));
    if (this.comparing && this.answer) subtract(this.tab.find(".difference"), ...this.answer.images);
  }

  sideBySide() { this.#change({ view: "pair" }); }

  /** The choice between one beside and one over the other. */
  choice() {
    const options = [["pair", "Side by side"], ["compare", "Compare", this.models.length < 2]];
    return segments("view", "View", options, this.comparing ? "compare" : "pair", (view) => this.#change({ view }));
  }

  help() {
    if (this.critic.words) return this.critic.words;
    if (this.comparing) return COMPARE_HELP;
    if (Object.keys(this.answer?.patch_scores ?? {}).length) return SCORES_HELP;
    const about = this.models.length === 2 ? "Both models get the same input. Click a picture to enlarge it." : "Click the picture to enlarge it.";
    return about + (this.hasDiscriminator ? " Critic's view shows how real the discriminator finds each patch." : "");
  }

  /** Both places. */
  results() {
    return html`<section class="results" aria-label="What the models make of it" data-showing=${this.comparing ? "compare" : "pair"}>
      ${[0, 1].map((place) => this.#output(place))}</section>`;
  }

  #output(place) {
    const [title, help] = this.#caption(place), url = this.url(place), { critic } = this;
    const apart = !(this.comparing && url);
    const image = enlarging(() => { if (url) this.tab.enlarge(url, title); }, () => !critic.takesTap(place));
    const keyDown = (event) => { critic.step(place, event); image.onkeydown(event); };
    return html`<figure class="panel output" data-slot=${place}>
      <header><h2>${title}</h2><p>${help}</p></header>
      <div class="square" style=${{ "--at": `${this.split}%` }} ...${critic.listeners(place)}>
        <img ...${image} onkeydown=${keyDown} onblur=${() => critic.leave()} src=${url} hidden=${!url || (this.comparing && place === 1)}
          alt=${url ? `${this.titleOf(place)}'s picture` : ""} aria-label=${`${title}, press to enlarge`} />
        ${place === 0 ? html`<img class="over" alt="" src=${apart ? null : this.url(1)} hidden=${apart} style=${`clip-path: inset(0 0 0 ${this.split}%)`} />`
          : html`<canvas class="difference" hidden=${apart} />`}
        ${critic.over(place)}
        ${place === 0 && html`<input class="divider" type="range" min="0" max="100" value=${this.split} aria-label="Where L1 only ends and L1 + cGAN begins"
          hidden=${apart} oninput=${(event) => { this.split = event.target.valueAsNumber; this.tab.render(); }} />`}
        <p class="empty" hidden=${url !== null}>${this.models.length !== 1 || place === 0 ? this.text : "Only one model is installed for this task."}</p><i class="progress" />
      </div></figure>`;
  }

  #caption(place) {
    const model = this.models[place], title = this.titleOf(place);
    if (this.comparing) {
      return place === 0 ? [`${title} | ${this.titleOf(1)}`, `Left of the line ${title}, right of it ${this.titleOf(1)}.`] : ["Difference", "How far apart the two pictures are, times two."];
    }
    const scores = this.answer?.patch_scores[model?.key];
    if (scores) return [title, `${passing(scores)} % of its patches pass for real.`];
    return model ? titleAndHelp(model) : ["", ""];
  }
}

/** The two models that a task is about go by what they were trained for, all others by name.
 * @param {Model} model */
function titleAndHelp(model) {
  const known = TITLES[model.objective];
  return known && model.shown ? known : [model.name, known?.[1] ?? `Trained with ${model.objective}.`];
}

/** How far apart two pictures are, times two. */
function subtract(canvas, first, second) {
  [canvas.width, canvas.height] = [first.naturalWidth, first.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(first, 0, 0);
  context.globalCompositeOperation = "difference";
  context.drawImage(second, 0, 0);
  context.globalCompositeOperation = "lighter";
  context.drawImage(canvas, 0, 0);
}
