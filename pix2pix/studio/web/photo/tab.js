// What the Photo tab knows: a photo, for edge tasks its edges, and the pictures of both models. What belongs to an older photo or
// task never shows: `turn` counts them.

import { canvasOf, decode } from "../lib/files.js";
import { prepare, Refusal, send } from "../lib/intake.js";
import { PictureTab } from "../lib/picture-tab.js";
import { Camera } from "./camera.js";
import { view } from "./view.js";

/** @import { Photo, PhotoCard } from "../types.d.ts" */

const BEAT = 250; // between two questions how far a large picture is
const ADD = "Add a photo and the models answer here.";

/** The task before there is any. @type {PhotoCard} */
const BLANK = { name: "", title: "", edges: false, example: false, firstSeed: 0, picture: null, models: [] };

export class PhotoTab extends PictureTab {
  constructor(element, server, upload) {
    super(element, server);
    this.upload = upload;
    this.settings = { extractor: null, detail: 50, mirror: false };
    /** @type {PhotoCard[]} */
    this.cards = [];
    this.learned = false; // whether edges can be learned ones
    this.card = BLANK; // the chosen task
    /** @type {Map<string, Photo>} */
    this.photos = new Map(); // by task: what fits one is nothing to another
    this.framed = null; // the photo on its page, for edge tasks: { photo, inner, plain }
    this.drawn = null; // the edges as a URL
    this.job = null; // a large translation that the server works on
    this.advance = null; // how much of it is done: { share }, from 0 to 1, null while it waits
    this.turn = 0;
    this.asked = this.drawnOf = 0; // which request the edges on the page answer
    this.examples = 0;
    this.held = []; // URLs of large pictures, to be let go
    this.camera = new Camera(() => this.find("video"));
    this.begin(() => this.ask(), (request) => this.translate(request), (answer, current) => this.show(answer, current));
  }

  view() { return view(this); }

  render() {
    this.studio.dataset.kind = this.card.edges ? "edges" : "photo";
    this.studio.dataset.photo = this.photo || this.camera.on ? "there" : "none";
    super.render();
  }

  /** The photo of the chosen task, null if there is none. */
  get photo() { return this.photos.get(this.card.name) ?? null; }

  get extractor() { return this.learned && this.settings.extractor !== "classical" ? "learned" : "classical"; }

  /** Runs what may be refused; the refusal's words go on the page if it is still about the same photo and task. */
  async attempt(action) {
    const mine = this.turn;
    try {
      await action();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (mine === this.turn) this.fail(error.message);
    }
  }

  fail(text) {
    this.trouble(text);
    this.views.setSlow(false);
    this.advance = null;
    this.views.empty(this.photo ? "No picture this time. Press the task's card to try again." : ADD);
    this.studio.dataset.state = "error";
  }

  change(changes) {
    Object.assign(this.settings, changes);
    this.render();
    if (this.framed) this.live.changed();
  }

  /** Takes a new photo, whatever was going on. */
  take(file) {
    this.toast("");
    this.reset();
    this.studio.dataset.state = "working"; // a large one takes a moment to be read
    this.views.setSlow(true);
    return this.attempt(async () => {
      const mine = this.turn;
      const fresh = await prepare(file);
      if (mine !== this.turn) return;
      if (this.photo?.preview) URL.revokeObjectURL(this.photo.preview);
      this.photos.set(this.card.name, fresh);
      await this.open();
    });
  }

  takeExample() {
    this.toast("");
    this.reset();
    const seed = this.card.firstSeed + this.examples++, mine = this.turn;
    return this.attempt(async () => {
      this.views.setSlow(true);
      const { picture } = await this.call("example", { task: this.card.name, seed });
      if (mine === this.turn) await this.take(await (await fetch(picture)).blob());
    });
  }

  async openCamera() {
    this.toast("");
    this.reset();
    await this.attempt(() => this.camera.open());
    this.render();
    if (this.camera.on) this.find(".shutter button").focus();
  }

  /** Whatever is on its way no longer counts. */
  reset() {
    this.turn++;
    this.live.forget();
    this.camera.close();
    if (this.job) this.server.stop({ job: this.job });
    this.framed = this.drawn = this.job = this.advance = null;
    this.views.empty(this.photo ? "" : ADD);
  }

  /** Ends a large translation. */
  stop() {
    this.reset();
    this.views.empty("Stopped. Press the task's card to start again.");
    this.views.setSlow(false);
    this.studio.dataset.state = "empty";
  }

  /** Sends the photo for the chosen task and follows it to the pictures. Throws Refusal. */
  async open() {
    const mine = this.turn, { photo } = this;
    this.studio.dataset.state = "working";
    this.views.setSlow(true);
    this.views.empty("");
    const path = await send(photo.blob, this.upload);
    if (mine !== this.turn) return;
    const request = { path, page: this.page, task: this.card.name, preview: !photo.preview };
    const opened = await this.call("open_photo", request).catch((error) => {
      if (mine === this.turn && !photo.preview) this.photos.delete(this.card.name); // nobody can read it: there is nothing to show or to try again
      throw error;
    });
    if (mine !== this.turn) {
      if (opened.job) this.server.stop({ job: opened.job });
      return;
    }
    photo.preview ??= opened.preview;
    photo.before ??= opened.before;
    photo.size = opened.size;
    if (opened.job) {
      this.job = opened.job;
      this.render();
      await this.follow();
      return;
    }
    this.framed = opened;
    this.render();
    this.live.changed(true);
  }

  /** Asks how far a large picture is until it is there. Throws Refusal. */
  async follow() {
    const mine = this.turn, { job } = this;
    while (mine === this.turn) {
      const answer = await this.call("look", { job });
      if (mine !== this.turn) return;
      if (answer.pictures) {
        this.job = null;
        const pictures = await this.fetchAll(answer.pictures).finally(() => this.server.stop({ job }));
        if (mine === this.turn) await this.show({ ...answer, pictures, size: this.photo.size }, () => mine === this.turn);
        return;
      }
      this.advance = answer;
      this.render();
      await new Promise((resolve) => setTimeout(resolve, BEAT));
    }
  }

  /** The request that fits the photo and the settings now; null without a photo on its page. */
  ask() {
    const { framed, settings } = this;
    return framed && {
      page: this.page, task: this.card.name, photo: framed.photo, inner: framed.inner,
      mirror: settings.mirror, extractor: this.extractor, detail: settings.detail / 100,
    };
  }

  /** The edges, shown as soon as they are there, and then the pictures of them. */
  async translate(request) {
    const mine = this.turn, number = ++this.asked;
    const edges = await this.server.edges(request);
    if (edges.error) return edges;
    if (mine === this.turn && number > this.drawnOf) {
      this.drawnOf = number;
      this.drawn = edges.drawing;
      this.render();
    }
    if (edges.blank) return { blank: true };
    return this.server.translate({ page: this.page, task: request.task, drawing: edges.drawing });
  }

  /** Puts an answer up if `current()` still holds. */
  async show(answer, current) {
    if (!answer) return;
    if (answer.error) {
      this.fail(answer.error);
      return;
    }
    this.advance = null;
    this.mended();
    if (answer.blank) this.views.empty("No edges were found. More detail may find some.");
    else await this.views.show(answer, current);
    if (!current()) return;
    this.views.setSlow(false);
    this.studio.dataset.state = answer.blank ? "empty" : "ready";
  }

  /** Fetches large pictures, which the server keeps until then; URLs of what the browser has now. Throws Refusal. */
  async fetchAll(pictures) {
    for (const url of this.held.splice(0)) URL.revokeObjectURL(url);
    const entries = await Promise.all(Object.entries(pictures).map(async ([key, address]) => {
      const answer = await fetch(address).catch(() => null);
      if (!answer?.ok) throw new Refusal("The pictures could not be fetched. Press the task's card to try again.");
      return [key, URL.createObjectURL(await answer.blob())];
    }));
    this.held = entries.map(([, url]) => url);
    return Object.fromEntries(entries);
  }

  /** Hands the edges to the Draw tab, with the photo as what can lie under them. */
  async edit() {
    const { card, drawn, framed, settings } = this;
    const guide = settings.mirror ? await mirror(framed.photo) : framed.photo;
    document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task: card.name, picture: drawn, guide } }));
  }

  choose(card) {
    this.card = card;
    this.views.models = card.models;
    this.reset();
    this.studio.dataset.state = "empty";
    this.toast("");
    if (this.photo) this.attempt(() => this.open());
  }

  async refreshCards() {
    const answer = await this.server.cards({ version: this.version });
    if (!answer.tasks) return;
    this.version = answer.version;
    this.cards = answer.tasks;
    this.learned = answer.learned;
    const same = this.cards.find((each) => each.name === this.card.name);
    if (!this.cards.length) {
      this.card = BLANK;
      this.reset();
      this.studio.dataset.state = "none";
    } else if (same && JSON.stringify(same.models) === JSON.stringify(this.card.models)) {
      this.card = same;
      this.render();
    } else this.choose(same ?? this.cards[0]);
  }
}

/** A picture with left and right exchanged, as a URL. */
async function mirror(url) {
  const image = await decode(url);
  const [canvas, context] = canvasOf(image.naturalWidth, image.naturalHeight);
  context.scale(-1, 1);
  context.drawImage(image, -canvas.width, 0);
  return canvas.toDataURL();
}
