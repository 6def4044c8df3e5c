// What the Photo tab knows: a photo, for edge tasks its edges, and the pictures of both models. What belongs to an older photo or
// task never shows: `turn` counts them.

import { CompareView } from "../components/compare-view.js";
import { taskCard } from "../components/task-card.js";
import { toaster } from "../components/toast.js";
import { finder, make } from "../lib/dom.js";
import { Live, pageId } from "../lib/live.js";
import { SIDE } from "../lib/raster.js";
import { Camera } from "./camera.js";
import { advance, refresh, refreshSaves } from "./controls.js";
import { prepare, Refusal, send } from "./intake.js";

/** @import { Photo, PhotoCard } from "../types.d.ts" */

const BEAT = 250; // between two questions how far a large picture is
const ADD = "Add a photo and the models answer here.";

export class PhotoTab {
  constructor(element, server, upload) {
    const { $, all } = finder(element);
    this.server = server;
    this.upload = upload;
    this.$ = $;
    this.all = all;
    this.studio = $(".studio");
    this.toast = toaster(element);
    this.views = new CompareView(this.studio);
    this.camera = new Camera($("video"));
    this.live = new Live(() => this.ask(), (request) => this.translate(request), (answer, current) => this.show(answer, current),
      (busy) => this.views.setBusy(busy), (slow) => this.views.setSlow(slow));
    this.page = pageId();
    this.settings = { extractor: null, detail: 50, mirror: false };
    /** @type {PhotoCard[]} */
    this.cards = [];
    this.version = null; // of the cards
    this.learned = false; // whether edges can be learned ones
    /** @type {PhotoCard} */
    this.card = null; // the chosen task
    /** @type {Photo} */
    this.photo = null; // { blob, preview, before, size }
    this.framed = null; // the photo on its page, for edge tasks: { photo, inner, plain }
    this.drawn = null; // the edges as a URL
    this.job = null; // a large translation that the server works on
    this.turn = 0;
    this.asked = this.drawnOf = 0; // which request the edges on the page answer
    this.examples = 0;
    this.held = []; // URLs of large pictures, to be let go
  }

  get extractor() { return this.learned && this.settings.extractor !== "classical" ? "learned" : "classical"; }

  /** Calls a function of the server. Throws Refusal. */
  async call(name, request) {
    const answer = await this.server[name](request);
    if (!answer) throw new Refusal("The server cannot be reached. Please try again.");
    if (answer.error) throw new Refusal(answer.error);
    return answer;
  }

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
    this.toast(text);
    this.views.setSlow(false);
    advance(this, null);
    refresh(this);
    this.views.empty(this.photo ? "No picture this time. Press the task's card to try again." : ADD);
    this.studio.dataset.state = "error";
  }

  /** Takes a new photo, whatever was going on. */
  take(file) {
    this.toast("");
    this.begin();
    this.studio.dataset.state = "working"; // a large one takes a moment to be read
    this.views.setSlow(true);
    return this.attempt(async () => {
      const mine = this.turn;
      const fresh = await prepare(file);
      if (mine !== this.turn) return;
      if (this.photo?.preview) URL.revokeObjectURL(this.photo.preview);
      this.photo = fresh;
      await this.open();
    });
  }

  /** Whatever is on its way no longer counts. */
  begin() {
    this.turn++;
    this.live.forget();
    this.camera.close();
    if (this.job) this.server.stop({ job: this.job });
    this.framed = this.drawn = this.job = null;
    advance(this, null);
    this.views.empty(this.photo ? "" : ADD);
    this.$(".status").textContent = "";
    refresh(this);
  }

  /** Sends the photo for the chosen task and follows it to the pictures. Throws Refusal. */
  async open() {
    const mine = this.turn, { photo } = this;
    this.studio.dataset.state = "working";
    this.studio.dataset.photo = "there";
    this.views.setSlow(true);
    this.views.empty("");
    refresh(this);
    const path = await send(photo.blob, this.upload);
    if (mine !== this.turn) return;
    const request = { path, page: this.page, task: this.card.name, preview: !photo.preview };
    const opened = await this.call("open_photo", request).catch((error) => {
      if (mine === this.turn && !photo.preview) this.photo = null; // nobody can read it: there is nothing to show or to try again
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
      refresh(this);
      await this.follow();
      return;
    }
    this.framed = opened;
    refresh(this);
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
        if (mine === this.turn) await this.show({ ...answer, pictures, large: true }, () => mine === this.turn);
        return;
      }
      advance(this, answer.share ?? 0, answer.share === null);
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
    const lost = { error: "The server cannot be reached. Trying again.", busy: true };
    const edges = await this.server.edges(request);
    if (!edges || edges.error) return edges ?? lost;
    if (mine === this.turn && number > this.drawnOf) {
      this.drawnOf = number;
      this.drawn = edges.drawing;
      refresh(this);
    }
    if (edges.blank) return { blank: true };
    return (await this.server.translate({ page: this.page, task: request.task, drawing: edges.drawing })) ?? lost;
  }

  /** Puts an answer up if `current()` still holds. */
  async show(answer, current) {
    if (!answer) return;
    if (answer.error) {
      this.fail(answer.error);
      return;
    }
    advance(this, null);
    this.toast("");
    if (answer.blank) {
      this.views.empty("No edges were found. More detail may find some.");
      this.$(".status").textContent = "";
    } else {
      const { difference } = this.views;
      [difference.width, difference.height] = answer.large ? this.photo.size : [SIDE, SIDE];
      await this.views.show(answer, current);
      if (!current()) return;
      this.report(answer);
    }
    this.views.setSlow(false);
    this.studio.dataset.state = answer.blank ? "empty" : "ready";
    refreshSaves(this);
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

  report({ milliseconds, device, large }) {
    const time = milliseconds < 2000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
    const names = this.card.models.map((model) => model.name).join(", ");
    const size = large ? ` · ${this.photo.size.join(" x ")}` : "";
    this.$(".status").replaceChildren(make("b", {}, time), ` on ${device}${size} · ${names}`);
  }

  choose(card) {
    this.card = card;
    this.begin();
    this.views.setModels(card.models);
    this.views.empty(this.photo ? "" : ADD);
    this.studio.dataset.state = "empty";
    this.toast("");
    refresh(this);
    if (this.photo) this.attempt(() => this.open());
  }

  async refreshCards() {
    const answer = await this.server.cards({ version: this.version });
    if (!answer?.tasks) return;
    this.version = answer.version;
    this.cards = answer.tasks;
    this.learned = answer.learned;
    this.$(".cards").replaceChildren(...this.cards.map((each) => taskCard(each, "", () => this.choose(each))));
    const same = this.cards.find((each) => each.name === this.card?.name);
    if (!this.cards.length) {
      this.card = null;
      this.begin();
      this.studio.dataset.state = "none";
    } else if (same && JSON.stringify(same.models) === JSON.stringify(this.card.models)) {
      this.card = same;
      refresh(this);
    } else this.choose(same ?? this.cards[0]);
  }
}
