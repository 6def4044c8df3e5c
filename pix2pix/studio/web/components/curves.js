// Curves over the steps of a training: one small chart a series, because their scales have nothing in common. All charts share
// the step that is read off, by pointer, finger or the slider.

import { Component, html } from "../vendor/htm-preact.js";

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

/** The curves of `name`, and dashed those of others once they are asked for. `histories`: name -> series -> [[step, value]]. */
export class Curves extends Component {
  constructor(props) {
    super(props);
    this.state = { folded: FOLDED, others: new Set(), smooth: 0.6, at: null }; // `at`: the step that is read off, at first the last
    this.drawn = null;
  }

  componentWillReceiveProps({ histories }) { if (histories !== this.props.histories) this.drawn = null; }

  #change(changes) {
    this.drawn = null;
    this.setState(changes);
  }

  render({ name, histories }, { folded, others, smooth, at }) {
    const known = Object.keys(SERIES), rank = (series) => (known.includes(series) ? known.indexOf(series) : known.length);
    const names = Object.keys(histories[name]).sort((a, b) => rank(a) - rank(b));
    const rivals = Object.keys(histories).filter((each) => each !== name);
    const { charts, steps, last } = this.drawn ??= this.#draw(names.filter((each) => !folded.has(each)), [name, ...rivals.filter((each) => others.has(each))]);
    const place = nearest(steps, at ?? last), step = steps[place];
    return html`<div class="curves">
      <div class="row pick" role="group" aria-label="Curves shown">${names.map((each) => toggle(titleOf(each), !folded.has(each), () => this.#change({ folded: flipped(folded, each) })))}</div>
      ${rivals.length > 0 && html`<div class="row pick" role="group" aria-label="Compared with"><span class="help">Dashed, to compare:</span>
        ${rivals.map((each) => toggle(each, others.has(each), () => this.#change({ others: flipped(others, each) })))}</div>`}
      <div class="charts">${charts.map((chart) => this.#chart(chart, step, last))}</div>
      <div class="row dials">
        <label>Step <input type="range" min="0" max=${steps.length - 1} value=${place} aria-valuetext=${`step ${step}`}
          oninput=${(event) => this.setState({ at: steps[event.target.valueAsNumber] })} /><output>${step.toLocaleString("en")}</output></label>
        <label>Smoothing <input type="range" min="0" max="0.95" step="0.05" value=${smooth} oninput=${(event) => this.#change({ smooth: event.target.valueAsNumber })} /></label>
      </div>
      <p class="help">Point at a chart or move the step to read values off. Smoothing averages over the steps before; the faint line is what was measured.</p>
    </div>`;
  }

  /** What pointing does not change. All charts share their steps, so that one step is read off at the same place in each. */
  #draw(names, owners) {
    const { histories } = this.props, { smooth } = this.state;
    const drawn = owners.flatMap((owner) => Object.values(histories[owner]).flatMap((points) => points.map(([step]) => step)));
    const steps = [...new Set(drawn)].sort((a, b) => a - b), last = Math.max(1, steps.at(-1));
    const charts = names.map((name) => {
      const lines = owners.filter((owner) => histories[owner][name]).map((owner) => {
        const raw = histories[owner][name];
        return { owner, raw, line: smoothed(raw, raw.length > FEW ? smooth : 0) };
      });
      return { name, lines, ...plotted(lines, last) };
    });
    return { charts, steps, last };
  }

  #chart({ name, lines, picture, low, high }, step, last) {
    const read = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      this.setState({ at: ((event.clientX - box.left) / box.width) * last });
    };
    const values = lines.map(({ owner, line }, place) => (place ? `${owner} ` : "") + short(line[nearest(line.map(([at]) => at), step)][1]));
    return html`<figure key=${name} class="chart"><figcaption><b>${titleOf(name)}</b><span class="help">${SERIES[name]?.[1]}</span></figcaption>
      <p class="reading">${values.join(" · ")}</p>
      <div class="plot" onpointermove=${read} onpointerdown=${read}>${picture}<i class="cross" style=${`left: ${(step / last) * 100}%`} />
        <span class="high">${short(high)}</span><span class="low">${short(low)}</span></div>
      <p class="axis" aria-hidden="true"><span>0</span><span>${`${last.toLocaleString("en")} steps`}</span></p></figure>`;
  }
}

function toggle(title, on, flip) { return html`<button key=${title} class="chip small toggle" type="button" aria-pressed=${on} onclick=${flip}>${title}</button>`; }

function flipped(set, name) {
  const other = new Set(set);
  if (!other.delete(name)) other.add(name);
  return other;
}

/** The lines of a chart and its scale, which the wildest values do not stretch. */
function plotted(lines, last) {
  const values = lines.flatMap(({ raw, line }) => [...line, ...percentiles(raw)].map(([, value]) => value));
  let low = Math.min(...values), high = Math.max(...values);
  if (high === low) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  const x = (step) => (step / last) * WIDTH;
  const y = (value) => 4 + (HEIGHT - 8) * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
  const path = (points, kind) => html`<path class=${kind} d=${points.map(([step, value], at) => `${at ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("")} />`;
  const measured = (raw, second) => (raw.length > FEW ? path(raw, `raw${second}`) : raw.map((point) => path([point, point], `dot${second}`)));
  const picture = html`<svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    ${lines.map(({ raw, line }, place) => [measured(raw, place ? " second" : ""), path(line, place ? "other" : "own")])}</svg>`;
  return { picture, low, high };
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
