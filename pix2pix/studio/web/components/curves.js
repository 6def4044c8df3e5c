// Curves over the steps of a training: one small chart a series, because their scales have nothing in common. All charts share
// the step that is read off, by pointer, finger or the slider.

import { make, setText } from "../lib/dom.js";

export const SERIES = {
  G_L1: ["L1 loss", "distance to the true pictures of the training set"],
  G_L2: ["L2 loss", "squared distance to the true pictures of the training set"],
  G_GAN: ["G's loss against D", "high: D sees through G"],
  D: ["D's loss", "low: D tells real from generated"],
  val_l1: ["L1, held-out pairs", "lower is closer to the truth"],
  val_psnr: ["PSNR, held-out pairs", "in dB, higher is closer"],
  val_ssim: ["SSIM, held-out pairs", "higher is closer"],
  val_sharpness: ["Sharpness, held-out pairs", "1 is as sharp as the truth"],
  val_lab: ["Colors, held-out pairs", "Lab histograms, 1 is the truth's"],
  val_lab_l: ["Lightness, held-out pairs", "Lab histogram of L"],
  val_lab_a: ["Green to red, held-out pairs", "Lab histogram of a"],
  val_lab_b: ["Blue to yellow, held-out pairs", "Lab histogram of b"],
  val_pixel_accuracy: ["Right labels, held-out pairs", "share of pixels, 1 is all of them"],
  val_class_accuracy: ["Right labels, mean over labels", "higher is better"],
  val_class_iou: ["Label overlap, mean over labels", "intersection over union, higher is better"],
  learning_rate: ["Learning rate", "constant, then falling to 0"],
  pictures_per_second: ["Speed", "pictures a second"],
};
const FOLDED = new Set(["val_lab_l", "val_lab_a", "val_lab_b", "val_psnr", "learning_rate", "pictures_per_second"]);
const WIDTH = 300, HEIGHT = 100;
const FEW = 20; // so many points or fewer are shown as they are

export class Curves {
  /** `histories`: name -> series -> [[step, value]]; the first is drawn full, the others dashed once they are asked for. */
  constructor(histories) {
    this.histories = Object.entries(histories);
    const [, own] = this.histories[0];
    const order = Object.keys(SERIES);
    const rank = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
    this.names = Object.keys(own).sort((a, b) => rank(a) - rank(b));
    this.shown = new Set(this.names.filter((name) => !FOLDED.has(name)));
    this.others = new Set();
    this.smooth = 0.6;
    this.charts = make("div.charts");
    this.slider = make("input", { type: "range", min: 0, oninput: () => this.#read(this.steps[this.slider.valueAsNumber]) });
    this.step = make("output");
    const strength = make("input", { type: "range", min: 0, max: 0.95, step: 0.05, value: this.smooth, oninput: () => { this.smooth = strength.valueAsNumber; this.#draw(); } });
    this.node = make("div.curves", {},
      make("div.row.pick", { role: "group", "aria-label": "Curves shown" }, ...this.names.map((name) => this.#toggle(this.shown, name, titleOf(name)))),
      this.histories.length > 1 && make("div.row.pick", { role: "group", "aria-label": "Compared with" }, make("span.help", {}, "Dashed, to compare:"),
        ...this.histories.slice(1).map(([name]) => this.#toggle(this.others, name, name))),
      this.charts,
      make("div.row.dials", {}, make("label", {}, "Step", this.slider, this.step), make("label", {}, "Smoothing", strength)),
      make("p.help", {}, "Point at a chart or move the step to read values off. Smoothing averages over the steps before; the faint line is what was measured."));
    this.#draw();
  }

  #toggle(set, name, title) {
    const button = make("button.chip.small.toggle", { type: "button", "aria-pressed": String(set.has(name)) }, title);
    button.addEventListener("click", () => {
      if (!set.delete(name)) set.add(name);
      button.setAttribute("aria-pressed", String(set.has(name)));
      this.#draw();
    });
    return button;
  }

  /** Draws anew. All charts share their steps, so that one step is read off at the same place in each. */
  #draw() {
    const drawn = this.histories.filter(([owner], place) => place === 0 || this.others.has(owner));
    this.steps = [...new Set(drawn.flatMap(([, series]) => Object.values(series).flatMap((points) => points.map(([step]) => step))))].sort((a, b) => a - b);
    this.last = Math.max(1, this.steps.at(-1));
    this.slider.max = this.steps.length - 1;
    this.readers = [];
    this.charts.replaceChildren(...this.names.filter((name) => this.shown.has(name)).map((name) => this.#chart(name)));
    this.#read(this.at ?? this.last);
  }

  #chart(name) {
    const lines = this.histories.filter(([owner, series], place) => (place === 0 || this.others.has(owner)) && series[name])
      .map(([owner, series]) => ({ owner, raw: series[name], line: smoothed(series[name], series[name].length > FEW ? this.smooth : 0) }));
    const values = lines.flatMap(({ raw, line }) => [...line, ...percentiles(raw)].map(([, value]) => value));
    const { last } = this;
    let low = Math.min(...values), high = Math.max(...values);
    if (high === low) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
    const x = (step) => (step / last) * WIDTH;
    const y = (value) => 4 + (HEIGHT - 8) * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
    const path = (points, kind) => `<path class="${kind}" d="${points.map(([step, value], at) => `${at ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("")}"/>`;
    const plot = make("div.plot");
    // Numbers only: nothing of a model's own text is in here.
    plot.innerHTML = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${lines.map(({ raw, line }, place) =>
      (raw.length > FEW ? path(raw, place ? "raw second" : "raw") : raw.map((point) => path([point, point], place ? "dot second" : "dot")).join("")) + path(line, place ? "other" : "own")).join("")}</svg>`;
    const cross = make("i.cross");
    plot.append(cross, make("span.high", {}, short(high)), make("span.low", {}, short(low)));
    for (const kind of ["pointermove", "pointerdown"]) plot.addEventListener(kind, (event) => {
      const box = plot.getBoundingClientRect();
      this.#read(((event.clientX - box.left) / box.width) * last);
    });
    const reading = make("p.reading");
    this.readers.push((step) => {
      cross.style.left = `${(step / last) * 100}%`;
      setText(reading, lines.map(({ owner, line }, place) => (place ? `${owner} ` : "") + short(line[nearest(line.map(([at]) => at), step)][1])).join(" · "));
    });
    return make("figure.chart", {}, make("figcaption", {}, make("b", {}, titleOf(name)), make("span.help", {}, SERIES[name]?.[1] ?? "")), reading, plot,
      make("p.axis", { "aria-hidden": "true" }, make("span", {}, "0"), make("span", {}, `${last.toLocaleString("en")} steps`)));
  }

  /** Shows the values at the step nearest to `wanted`. */
  #read(wanted) {
    const place = nearest(this.steps, wanted);
    const step = this.steps[place];
    this.at = step;
    this.slider.value = place;
    this.slider.setAttribute("aria-valuetext", `step ${step}`);
    this.step.textContent = step.toLocaleString("en");
    for (const read of this.readers) read(step);
  }
}

export function titleOf(name) { return SERIES[name]?.[0] ?? name; }

/** The mean of the steps before, the nearer the heavier. */
function smoothed(points, strength) {
  let sum = 0, weight = 0;
  return points.map(([step, value]) => {
    sum = sum * strength + value;
    weight = weight * strength + 1;
    return [step, sum / weight];
  });
}

/** All but the few wildest points, which would press the rest flat. */
function percentiles(points) {
  const sorted = [...points].sort((a, b) => a[1] - b[1]);
  const cut = Math.floor(sorted.length * 0.02);
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
}

/** The place of the number nearest to `value` in a rising list. */
function nearest(numbers, value) {
  let low = 0, high = numbers.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < value) low = middle;
    else high = middle;
  }
  return Math.abs(numbers[low] - value) <= Math.abs(numbers[high] - value) ? low : high;
}

export function short(value) { return Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3, useGrouping: false }); }
