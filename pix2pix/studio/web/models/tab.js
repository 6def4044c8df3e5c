// What the Models tab knows: the list on the left, what is chosen beside it, and how the server is asked about both.

import { Tab } from "../lib/tab.js";
import { html } from "../vendor/htm-preact.js";
import { adding, how, isActive } from "./adding.js";
import { list } from "./list.js";
import { model } from "./model.js";
import { training } from "./training.js";

const TOAST_MS = 6000;

export class ModelsTab extends Tab {
  constructor(element, server) {
    super(element, server);
    this.visitor = visitor();
    this.models = [];
    this.version = null; // of the models
    this.runs = [];
    /** @type {any[] | null | undefined} */
    this.pulls = undefined; // until the server has answered; null where the owner has switched pulling off
    this.chosen = { pane: null, name: null }; // "model", "run" or "adding", and of which name
    this.facts = null; // of the model on show
    this.news = { version: null }; // of the run on show
    this.known = []; // public models
    this.found = null; // those that a search found
    this.search = { busy: false, said: "Finds what others published from this app. Leave the field empty to see everything." };
    this.render();
  }

  get busy() { return this.pulls?.some(isActive); }

  view() {
    const { pane } = this.chosen;
    return html`${list(this)}
      <section class="pane" aria-label="Details" tabindex="-1">
        <button type="button" class="chip small back" onclick=${() => this.back()}>
          <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M12 4l-6 6 6 6" /></svg>All models</button>
        ${pane === "model" && html`<article class="about-model">${model(this)}</article>`}
        ${pane === "run" && html`<article class="about-run">${training(this)}</article>`}
        <article class="adding" hidden=${pane !== "adding"}>${adding(this)}</article>
      </section>`;
  }

  render() {
    this.studio.dataset.pane = this.chosen.pane ? "open" : "none";
    super.render();
  }

  toast(text) { super.toast(text, TOAST_MS); }

  /** Calls a function of the server: what it answers, or null once its refusal has been shown. */
  async call(name, request) {
    const answer = await this.server[name](request);
    if (!answer.error) return answer;
    this.toast(answer.error);
    return null;
  }

  /** Shows one of the panes; on a phone it takes the place of the list. */
  open(pane, name = "") {
    const other = this.chosen.pane !== pane || this.chosen.name !== name;
    this.chosen = { pane, name };
    this.render();
    if (other && isNarrow()) this.find(".pane").focus();
  }

  close() {
    this.chosen = { pane: null, name: null };
    this.render();
  }

  /** Back to the list, on a phone. */
  back() {
    const left = this.find(".item[aria-current]") ?? this.find(".add");
    this.close();
    left.focus();
  }

  async showModel(name) {
    this.open("model", name);
    const facts = await this.call("model", { name });
    if (this.chosen.pane !== "model" || this.chosen.name !== name) return;
    this.facts = facts ?? { name };
    this.render();
  }

  showRun(name) {
    this.news = { version: null };
    this.open("run", name);
    return this.refreshRun();
  }

  /** Brings the open run up to date; a run that has ended as a model opens that. */
  async refreshRun() {
    const { chosen: { name }, news } = this;
    if (!this.runs.some((run) => run.name === name)) return this.models.some((each) => each.name === name) ? this.showModel(name) : this.close();
    const fresh = await this.server.run({ name, version: news.version });
    if (fresh.error || this.news !== news || fresh.version === news.version) return;
    this.news = fresh;
    this.render();
  }

  async showAdding() {
    this.open("adding");
    await this.refreshOffers();
  }

  async refreshOffers() {
    if (!this.pulls) return;
    this.known = (await this.call("known", {}))?.models ?? this.known;
    this.render();
  }

  /** Queues a pull; whether that was possible. */
  async startPull(source, name = "") {
    const pull = await this.call("pull", { source, name, me: this.visitor });
    if (pull) await this.look();
    return pull !== null;
  }

  async cancelPull({ number }) { if (await this.call("cancel", { number, me: this.visitor })) await this.look(); }

  async searchHub(text) {
    this.search = { busy: true, said: "Searching" };
    this.render();
    const answer = await this.server.search({ text });
    const found = this.found = answer.models ?? [];
    const some = answer.found > found.length ? `, the first ${found.length} are shown` : "";
    const rest = answer.all ? "" : " Only the most downloaded were looked through; others can be pulled by name.";
    this.search = { busy: false, said: answer.error ?? `${answer.found || "No"} model${answer.found === 1 ? "" : "s"} found${some}.${rest}` };
    this.render();
  }

  /** A look at the server, and what follows from it in every part of the tab. */
  async look() {
    const answer = await this.server.look({ version: this.version, me: this.visitor });
    if (answer.error) return this.trouble(answer.error);
    this.mended();
    this.announce(answer.pulls);
    const before = this.card(), focused = this.place.contains(document.activeElement) ? document.activeElement : null;
    const { models, version, runs, pulls } = answer;
    Object.assign(this, { runs, pulls }, models && { models, version });
    this.render();
    // A row that went to another list is a new one.
    const key = focused?.closest("li")?.dataset.key;
    if (key && !focused.isConnected) this.find(`.stock li[data-key="${CSS.escape(key)}"] .item`)?.focus();
    const { pane, name } = this.chosen;
    if (pane === "adding" && models) {
      await this.refreshOffers();
      if (this.found) this.find(".search").requestSubmit();
    }
    if (pane === "run") await this.refreshRun();
    if (pane === "model" && this.card() !== before) {
      if (this.card()) await this.showModel(name);
      else this.close();
    }
    if (this.chosen.pane === null && !isNarrow()) await this.showFirst();
  }

  /** What the list shows of the chosen model, to see whether it changed. */
  card() { return JSON.stringify(this.models.find((each) => each.name === this.chosen.name)); }

  /** What a wide screen shows beside the list before anything is chosen. */
  async showFirst() {
    const usable = this.models.find((each) => !each.reason);
    if (usable) await this.showModel(usable.name);
    else if (this.runs.length) await this.showRun(this.runs[0].name);
    else await this.showAdding();
  }

  /** Says once that a pull has ended, wherever its reader is on the tab. */
  announce(after) {
    for (const pull of after ?? []) {
      const was = this.pulls?.find((each) => each.number === pull.number);
      if (was && was.state !== pull.state && ["done", "failed"].includes(pull.state)) this.toast(pull.state === "done" ? `${pull.folder} is here.` : how(pull));
    }
  }
}

function isNarrow() { return matchMedia("(max-width: 720px)").matches; }

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
