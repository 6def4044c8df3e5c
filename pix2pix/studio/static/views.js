// The two pictures: side by side, or one over the other with a slider and their difference; and the critic's opinion.

const TITLES = {
  "l1": ["L1 only", "Trained to be right on average, so it hedges and blurs."],
  "l1+cgan": ["L1 + cGAN", "A critic rejected blur in training, so it commits to detail."],
};
const CRITIC_HELP = "Blue patches pass for real with this model's own discriminator, orange ones do not. Point at one to see the pixels it judged.";
const VIEW_HELP = {
  pair: "Both models get the same input. Click a picture to enlarge it.",
  compare: "Drag to move between the models. The right picture shows where they differ, brighter is more.",
};

class Views {
  constructor(root) {
    this.slots = [...root.querySelectorAll(".output")].map((figure) => ({
      figure,
      title: figure.querySelector("h2"),
      help: figure.querySelector("p"),
      square: figure.querySelector(".square"),
      image: figure.querySelector("img"),
      opinion: figure.querySelector(".opinion"),
      field: figure.querySelector(".field"),
      empty: figure.querySelector(".empty"),
    }));
    this.over = root.querySelector(".over");
    this.divider = root.querySelector(".divider");
    this.difference = root.querySelector(".difference");
    this.viewHelp = root.querySelector(".view-help");
    this.results = root.querySelector(".results");
    this.view = "pair";
    this.models = [];
    this.answer = null;
    this.divider.addEventListener("input", () => this.#divide());
    for (const slot of this.slots) {
      slot.square.addEventListener("pointermove", (event) => this.#hover(slot, event));
      slot.square.addEventListener("pointerleave", () => { for (const { field } of this.slots) field.hidden = true; });
    }
  }

  /** Captions and places for at most two models, L1 only first; answers hold their pictures under `key`. */
  setModels(models) {
    this.models = models;
    this.empty("");
  }

  /** Whether any of the models brought its discriminator. */
  get judgeable() { return this.models.some((model) => model.critic); }

  titleOf(number) { return this.models[number] ? titleAndHelp(this.models[number])[0] : ""; }

  /** No picture at all, rather than one that belongs to something else. */
  empty(text) {
    this.answer = null;
    for (const [number, slot] of this.slots.entries()) {
      slot.empty.textContent = this.models[number] ? text : "Only one model is installed for this task.";
    }
    this.#refresh();
  }

  /** Puts an answer up once its pictures are decoded, both in the same frame, if `current()` still holds. */
  async show(answer, current) {
    const urls = this.models.map((model) => answer.pictures[model.key]);
    const images = await Promise.all(urls.map(decoded));
    if (!current()) return;
    // Where D looks: the unit at i judges `size` pixels from `first` + `stride` i on; its cell is the middle `stride` of them.
    this.lens = this.models.find((model) => model.key === answer.judge)?.critic;
    this.answer = { ...answer, urls, images };
    this.#refresh();
  }

  setView(view) {
    this.view = view;
    this.#refresh();
  }

  /** The URL of the picture in a place, null if there is none. */
  url(number) { return this.answer?.urls[number] ?? null; }

  #refresh() {
    const compare = this.view === "compare" && this.models.length === 2;
    const has = this.answer !== null;
    this.results.dataset.showing = compare ? "compare" : "pair";
    const judged = !compare && has && Object.keys(this.answer.critic).length > 0;
    this.viewHelp.textContent = judged ? CRITIC_HELP : VIEW_HELP[compare ? "compare" : "pair"];
    for (const [number, slot] of this.slots.entries()) {
      const [title, help] = this.#caption(number, compare);
      slot.title.textContent = title;
      slot.help.textContent = help;
      const url = this.url(number);
      slot.image.hidden = !url || (compare && number === 1);
      if (url) slot.image.src = url;
      else slot.image.removeAttribute("src");
      slot.image.alt = url ? `${this.titleOf(number)}'s picture` : "";
      slot.empty.hidden = url !== null;
      this.#opinion(slot, compare ? null : this.answer?.critic[this.models[number]?.key]);
    }
    this.over.hidden = this.divider.hidden = this.difference.hidden = !(compare && has);
    if (compare && has) {
      this.over.src = this.url(1);
      this.#divide();
      this.#subtract();
    }
  }

  #caption(number, compare) {
    if (compare) {
      return number === 0 ? [`${this.titleOf(0)} | ${this.titleOf(1)}`, `Left of the line ${this.titleOf(0)}, right of it ${this.titleOf(1)}.`] : ["Difference", "How far apart the two pictures are, times two."];
    }
    const model = this.models[number];
    const opinion = this.answer?.critic[model?.key];
    if (opinion) return [this.titleOf(number), `${passing(opinion)} % of its patches pass for real.`];
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

  /** D's map over a picture: amber where it sees a generated patch, blue where a real one. */
  #opinion(slot, map) {
    slot.opinion.hidden = !map;
    slot.map = map ?? null;
    if (!map) {
      slot.field.hidden = true;
      return;
    }
    const values = bytesOf(map);
    slot.values = values;
    slot.opinion.width = map.width;
    slot.opinion.height = map.height;
    const image = new ImageData(map.width, map.height);
    values.forEach((value, at) => {
      const strength = Math.abs(value - 127.5) / 127.5;
      image.data.set(value < 127.5 ? [255, 138, 0, 30 + 90 * strength] : [24, 92, 255, 30 + 90 * strength], at * 4);
    });
    slot.opinion.getContext("2d").putImageData(image, 0, 0);
    const percent = (value) => `${(value / SIDE) * 100}%`;
    const { stride } = this.lens;
    Object.assign(slot.opinion.style, {
      left: percent(this.#inset), top: percent(this.#inset), width: percent(map.width * stride), height: percent(map.height * stride),
    });
  }

  /** The left edge of the first cell. */
  get #inset() { return this.lens.first + (this.lens.size - this.lens.stride) / 2; }

  /** Outlines, on both pictures, what the patch under the pointer was judged by. */
  #hover(slot, event) {
    if (!slot.map) return;
    const box = slot.square.getBoundingClientRect();
    const { first, stride, size } = this.lens;
    const cell = (offset, length, cells) => Math.min(cells - 1, Math.max(0, Math.floor(((offset / length) * SIDE - this.#inset) / stride)));
    const column = cell(event.clientX - box.left, box.width, slot.map.width);
    const row = cell(event.clientY - box.top, box.height, slot.map.height);
    const span = (index) => [Math.max(0, first + stride * index), Math.min(SIDE, first + stride * index + size)];
    const [[left, right], [top, bottom]] = [span(column), span(row)];
    const percent = (value) => `${(value / SIDE) * 100}%`;
    for (const { field, map, values } of this.slots) {
      field.hidden = !map;
      if (!map) continue;
      Object.assign(field.style, { left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top) });
      field.dataset.value = `${Math.round((values[row * map.width + column] / 255) * 100)} % real`;
    }
  }
}

/** The two models that a task is about go by what they were trained for, all others by name. */
function titleAndHelp(model) {
  const known = TITLES[model.objective];
  return known && model.shown ? known : [model.name, known?.[1] ?? `Trained with ${model.objective}.`];
}

function bytesOf(map) { return Uint8Array.from(atob(map.data), (letter) => letter.charCodeAt(0)); }

/** How many percent of the patches D takes for real rather than generated. */
function passing(map) {
  const values = bytesOf(map);
  return Math.round((100 * values.filter((value) => value > 127).length) / values.length);
}

async function decoded(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}
