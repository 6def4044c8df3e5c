// The critic's view: what D makes of each patch, laid over the pictures, and the pixels that a patch was judged by.

import { SIDE } from "../lib/raster.js";
import { html } from "../vendor/htm-preact.js";

const MAX_ODDS = 8; // as in draw.py
const REAL = [24, 92, 255], GENERATED = [255, 120, 0];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class DiscriminatorView {
  /** `changed()` has the pictures drawn anew. */
  constructor(changed) {
    this.changed = changed;
    // Where D looks: the unit at i judges `size` pixels from `first` + `stride` i on; its cell is the middle `stride` of them.
    this.lens = null;
    this.maps = []; // of both pictures: { width, height, values }
    this.patch = null; // that is pointed at
    this.tapped = false; // whether a finger was the last to point
    this.words = ""; // what the arrow keys found
  }

  /** Takes D's maps of the pictures, none to end the view. */
  show(maps, lens) {
    this.lens = lens;
    this.maps = maps.map((map) => map && { ...map, values: bytesOf(map) });
    this.words = "";
    if (!maps.some(Boolean)) this.patch = null;
  }

  /** Whether a tap on a picture is a question to the critic. */
  takesTap(place) { return Boolean(this.maps[place]) && this.tapped; }

  /** What a picture's square listens to. A finger cannot hover: where it taps stays outlined. */
  listeners(place) {
    return {
      onpointerdown: (event) => { this.tapped = event.pointerType === "touch"; this.#hover(place, event); },
      onpointermove: (event) => this.#hover(place, event),
      onpointerleave: (event) => { if (event.pointerType !== "touch") this.leave(); },
    };
  }

  /** Finds the patch under the pointer. */
  #hover(place, event) {
    const map = this.maps[place];
    if (!map) return;
    const box = event.currentTarget.getBoundingClientRect();
    const cell = (offset, length) => Math.floor(((offset / length) * SIDE - this.#inset) / this.lens.stride);
    this.#point(map, cell(event.clientX - box.left, box.width), cell(event.clientY - box.top, box.height));
  }

  /** Goes to the next patch in the direction of an arrow key, from the middle at first. */
  step(place, event) {
    const map = this.maps[place];
    if (!map || !(event.key in ARROWS)) return;
    event.preventDefault();
    const { column, row } = this.patch ?? { column: map.width >> 1, row: map.height >> 1 };
    this.#point(map, column + ARROWS[event.key][0], row + ARROWS[event.key][1]);
    this.words = `Patch ${this.patch.column + 1} from the left, ${this.patch.row + 1} from the top: ${this.#verdict(map)}.`;
    this.changed();
  }

  #point({ width, height }, column, row) {
    const inside = (cell, cells) => Math.min(cells - 1, Math.max(0, cell));
    const patch = { column: inside(column, width), row: inside(row, height) };
    if (patch.column === this.patch?.column && patch.row === this.patch.row) return;
    this.patch = patch;
    this.changed();
  }

  leave() {
    if (!this.patch) return;
    this.patch = null;
    this.changed();
  }

  /** How real D finds the patch that is pointed at, in words. */
  #verdict({ width, values }) {
    const share = 1 / (1 + Math.exp(-(values[this.patch.row * width + this.patch.column] / 127.5 - 1) * MAX_ODDS));
    return `${share < 0.01 ? "under 1 %" : share > 0.99 ? "over 99 %" : `${Math.round(100 * share)} %`} real`;
  }

  /** The left edge of the first cell. */
  get #inset() { return this.lens.first + (this.lens.size - this.lens.stride) / 2; }

  /** What lies over a picture: the map, and on both pictures the outline of what a patch was judged by. */
  over(place) {
    const map = this.maps[place], { first, stride, size } = this.lens ?? {};
    const end = (cells) => this.#inset + cells * stride;
    const span = (cell) => [Math.max(0, first + stride * cell), Math.min(SIDE, first + stride * cell + size)];
    return [
      html`<canvas class="patch-scores" hidden=${!map} style=${map && area([this.#inset, end(map.width)], [this.#inset, end(map.height)])} />`,
      html`<i class="field" hidden=${!map || !this.patch} style=${map && this.patch && area(span(this.patch.column), span(this.patch.row))}
        data-value=${map && this.patch && this.#verdict(map)} />`,
    ];
  }

  /** Colors the maps: orange where D sees a generated patch, blue where a real one. */
  paint(canvases) {
    for (const [place, canvas] of canvases.entries()) {
      const map = this.maps[place];
      if (!map) continue;
      [canvas.width, canvas.height] = [map.width, map.height];
      const image = new ImageData(map.width, map.height);
      map.values.forEach((value, at) => {
        const strength = Math.abs(value - 127.5) / 127.5;
        image.data.set([...(value < 127.5 ? GENERATED : REAL), 20 + 170 * strength], at * 4);
      });
      canvas.getContext("2d").putImageData(image, 0, 0);
    }
  }
}

/** The style of what lies over pixels [left, right] and [top, bottom] of a picture.
 * @param {number[]} columns
 * @param {number[]} rows */
function area([left, right], [top, bottom]) {
  const [x, y, width, height] = [left, top, right - left, bottom - top].map((value) => `${(value / SIDE) * 100}%`);
  return { left: x, top: y, width, height };
}

function bytesOf(map) { return Uint8Array.from(atob(map.data), (letter) => letter.charCodeAt(0)); }

/** How many percent of the patches D takes for real rather than generated. */
export function passing(map) {
  const values = bytesOf(map);
  return Math.round((100 * values.filter((value) => value > 127).length) / values.length);
}
