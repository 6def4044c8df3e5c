// The board: one drawing a task, the settings, and the pictures that follow both.

import { CompareView } from "../components/compare-view.js";
import { toaster } from "../components/toast.js";
import { finder, make } from "../lib/dom.js";
import { Live, pageId } from "../lib/live.js";
import { pngUrl } from "../lib/png.js";
import { pixelOf, SIDE } from "../lib/raster.js";
import { dropLink, remember } from "../lib/share.js";
import { refreshSettings, refreshSteps, refreshTool, sizesOf } from "./controls.js";
import { PenInput } from "./pen.js";

/** @import { Answer, DrawCard, TaskState } from "../types.d.ts" */

export const INVITATION = "Draw something and the models answer here.";

/** What the Draw tab in `element` knows and shows. */
export class Board {
  constructor(element, server) {
    const { $, all } = finder(element);
    this.element = element;
    this.server = server;
    this.$ = $;
    this.all = all;
    this.studio = $(".studio");
    this.paper = $(".paper");
    this.context = this.paper.getContext("2d");
    this.toast = toaster(element);
    this.views = new CompareView(this.studio);
    this.live = new Live(() => this.ask(), server.translate, (answer, current) => this.show(answer, current),
      (busy) => this.views.setBusy(busy), (slow) => this.views.setSlow(slow));
    this.page = pageId();
    /** @type {DrawCard[]} */
    this.cards = [];
    this.version = null; // of the cards
    this.lost = false; // whether the server did not answer last time
    /** @type {Map<string, TaskState>} */
    this.states = new Map(); // by task
    /** @type {TaskState} */
    this.state = null; // the one on the board
    this.settings = { noise: false, seed: 0, patchScores: false, norm: "", pressure: true };
    this.hasPen = false; // whether a pen has been seen
    this.painting = 0;
    this.input = new PenInput(this.paper, $(".sheet"), $(".ring"), this);
  }

  get raster() { return this.state.raster; }

  /** How a tool draws: the chosen one, or the one named. */
  brush(tool = this.state.tool) {
    const { raster, color, card, symmetric } = this.state;
    const erasing = tool === "eraser";
    const [, most, size] = sizesOf(this.state, tool);
    const pixel = erasing ? raster.background : pixelOf(color);
    return { tool, size, most, pixel, soft: !card.crisp && !erasing, symmetric, pressure: this.settings.pressure };
  }

  penSeen() {
    if (this.hasPen) return;
    this.hasPen = true;
    refreshTool(this);
    refreshSettings(this);
  }

  drawn() {
    this.paint();
    this.live.changed();
  }

  finished() {
    this.paint();
    refreshSteps(this);
    dropLink();
    this.live.changed(true);
  }

  zoomed(scale) { this.$(".unzoom").hidden = scale === 1; }

  paint() {
    this.painting ||= requestAnimationFrame(() => {
      this.painting = 0;
      this.$(".invitation").hidden = this.input.busy || !this.raster.isBlank;
      this.context.putImageData(new ImageData(this.raster.bytes, SIDE, SIDE), 0, 0);
    });
  }

  /** The request that fits the drawing and the settings now, null for an empty drawing. */
  async ask() {
    const { settings, views } = this;
    const task = this.state.card.name;
    const blank = this.raster.isBlank;
    const drawing = await pngUrl(this.raster.pixels);
    remember(task, drawing);
    if (blank) return null;
    return {
      page: this.page,
      task,
      drawing,
      passing: this.input.busy, // while the pen is down, pictures may be written faster than exactly
      noise: settings.noise,
      seed: settings.seed,
      patch_scores: settings.patchScores && views.hasDiscriminator,
      models: views.models.map((model) => model.name),
      norm_statistics: settings.norm || null,
    };
  }

  /** Puts an answer up if `current()` still holds.
   * @param {Answer | null} answer
   * @param {() => boolean} current */
  async show(answer, current) {
    if (answer === null) this.empty(INVITATION);
    else if (answer.error) this.toast(answer.error);
    else {
      await this.views.show(answer, current);
      if (!current()) return;
      this.toast("");
      const names = this.views.models.map((model) => model.name).join(", ");
      this.$(".status").replaceChildren(make("b", {}, `${answer.milliseconds} ms`), ` on ${answer.device} · ${names}`);
    }
    this.studio.dataset.state = answer === null ? "empty" : answer.error ? "error" : "ready";
  }

  /** No picture and no time: neither may outlive its drawing. */
  empty(text) {
    this.views.empty(text);
    this.$(".status").textContent = "";
  }
}
