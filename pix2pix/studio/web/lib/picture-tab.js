// What Draw and Photo have in common: tasks, two pictures that keep up with what is changed, and a line on how they were made.

import { CompareView } from "../components/compare-view.js";
import { closeMenus } from "../components/controls.js";
import { html } from "../vendor/htm-preact.js";
import { saveCard, savePicture } from "./files.js";
import { Refusal } from "./intake.js";
import { Live, pageId } from "./live.js";
import { Tab } from "./tab.js";

/** Milliseconds between two looks for new models: one that train.py adds appears by itself. */
export const REFRESH = 5_000, RETRY = 1_000;

export class PictureTab extends Tab {
  constructor(element, server) {
    super(element, server);
    this.views = new CompareView(this);
    this.page = pageId();
    this.cards = [];
    this.version = null; // of the cards
    this.missing = "There is no picture yet.";
  }

  /** Draws the tab for the first time, and keeps its pictures in step by `ask`, `send` and `show` as Live wants them. */
  begin(ask, send, show) {
    this.render();
    closeMenus(this.place);
    this.live = new Live(ask, send, show, (busy) => this.views.setBusy(busy), (slow) => this.views.setSlow(slow));
  }

  /** Calls a function of the server. Throws Refusal. */
  async call(name, request) {
    const answer = await this.server[name](request);
    if (answer.error) throw new Refusal(answer.error);
    return answer;
  }

  /** How long the pictures took, where, and by which models. */
  status() {
    const { answer, models } = this.views;
    const parts = answer && [answer.device, answer.size?.join(" x "), models.map((model) => model.name).join(", ")];
    return html`<p class="status" role="status">${answer && html`<b>${time(answer.milliseconds)}</b>${` on ${parts.filter(Boolean).join(" · ")}`}`}</p>`;
  }

  /** The pictures on show, for the menu that saves. */
  pictureItems() {
    const { views } = this;
    return views.models.map((model, place) => [views.titleOf(place), () => this.withPictures(() => savePicture(views.url(place), `${model.name}.png`))]);
  }

  /** Saves the input and the pictures side by side; `parts` are [url, caption, crisp] of the former. */
  saveCard(name, parts) {
    const { views } = this;
    const made = views.models.map((_, place) => [views.url(place), views.titleOf(place), false]);
    return this.withPictures(() => saveCard([...parts, ...made], "pix2pix studio", `${name}-card.png`));
  }

  withPictures(save) { return this.views.answer ? save() : this.toast(this.missing); }
}

function time(milliseconds) { return milliseconds < 2000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`; }
