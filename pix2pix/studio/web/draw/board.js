// The board: one drawing a task, the settings, and the pictures that follow both.

import { PictureTab } from "../lib/picture-tab.js";
import { pngUrl } from "../lib/png.js";
import { pixelOf, SIDE } from "../lib/raster.js";
import { dropLink, remember } from "../lib/share.js";
import { PenInput } from "./pen.js";
import { BLANK, INVITATION, sizesOf, stateOf } from "./tasks.js";
import { view } from "./view.js";

/** @import { DrawCard, TaskState } from "../types.d.ts" */

/** What the Draw tab in `element` knows and shows. */
export class Board extends PictureTab {
  constructor(element, server, upload) {
    super(element, server);
    this.upload = upload;
    this.missing = "There is no picture yet: draw something first.";
    /** @type {DrawCard[]} */
    this.cards = [];
    /** @type {Map<string, TaskState>} */
    this.states = new Map(); // by task
    this.state = stateOf(this, BLANK); // the one on the board
    this.settings = { noise: false, seed: 0, patchScores: false, norm: "", pressure: true };
    this.typed = "0"; // in the field of the seed, which may be no number yet
    this.hasPen = false; // whether a pen has been seen
    /** @type {Map<string, number | null>} */
    this.spreads = new Map(); // by model: how far two seeds are apart, of 255
    this.painting = 0;
    this.use = null; // what a file is chosen for
    this.begin(() => this.ask(), this.server.translate, (answer, current) => this.show(answer, current));
    this.paper = this.find(".paper");
    this.context = this.paper.getContext("2d");
    this.input = new PenInput(this.paper, this.find(".sheet"), this.find(".ring"), this);
  }

  get card() { return this.state.card; }
  get raster() { return this.state.raster; }

  view() { return view(this); }

  render() {
    this.studio.dataset.crisp = String(this.card.crisp);
    super.render();
  }

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
    this.render();
  }

  // While the pen is down nothing but the canvas is drawn anew.

  drawn() {
    this.paint();
    this.live.changed();
  }

  finished() {
    if (this.offer) this.toast(""); // it was about the drawing before
    this.paint();
    dropLink();
    this.live.changed(true);
    this.render(); // what can be undone
  }

  zoomed(scale) { this.find(".unzoom").hidden = scale === 1; }

  paint() {
    this.painting ||= requestAnimationFrame(() => {
      this.painting = 0;
      this.find(".invitation").hidden = this.input.busy || !this.raster.isBlank;
      this.context.putImageData(new ImageData(this.raster.bytes, SIDE, SIDE), 0, 0);
    });
  }

  /** The request that fits the drawing and the settings now, null for an empty drawing. */
  async ask() {
    const { settings, views } = this;
    const task = this.card.name;
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

  /** Puts an answer up if `current()` still holds. */
  async show(answer, current) {
    if (answer === null) this.views.empty(INVITATION);
    else if (answer.error) this.trouble(answer.error);
    else {
      await this.views.show(answer, current);
      if (!current()) return;
      this.mended();
      this.learnSpreads();
    }
    this.studio.dataset.state = answer === null ? "empty" : answer.error ? "error" : "ready";
  }

  /** Finds out, once a model, what its noise changes. */
  async learnSpreads() {
    const unknown = this.views.models.filter(({ name }) => !this.spreads.has(name));
    if (!unknown.length) return;
    for (const { name } of unknown) this.spreads.set(name, null);
    for (const { name } of unknown) {
      const answer = await this.server.spread({ name });
      if (answer.error) this.spreads.delete(name); // asked again with the next pictures
      else this.spreads.set(name, answer.spread);
    }
    this.render();
  }

  changeSetting(changes) {
    Object.assign(this.settings, changes);
    this.render();
    this.live.changed();
  }

  /** Chooses a tool, color or size of the task. */
  changeTool(changes) {
    Object.assign(this.state, changes);
    this.render();
  }
}
