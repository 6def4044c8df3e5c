// The critic's view: what D makes of each patch, laid over the pictures, and the pixels that a patch was judged by.

import { SIDE } from "../lib/raster.js";

const MAX_ODDS = 8; // as in draw.py
const REAL = [24, 92, 255], GENERATED = [255, 120, 0];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class DiscriminatorView {
  /** `slots` are the places of pictures with their `square`, `image`, `scores` and `field`; `say` tells what a key found. */
  constructor(slots, say) {
    this.slots = slots;
    this.say = say;
    // Where D looks: the unit at i judges `size` pixels from `first` + `stride` i on; its cell is the middle `stride` of them.
    this.lens = null;
    this.patch = null;
    for (const slot of slots) {
      // A finger cannot hover: where it taps stays outlined.
      slot.square.addEventListener("pointerdown", (event) => {
        slot.tapped = event.pointerType === "touch";
        this.#hover(slot, event);
      });
      slot.square.addEventListener("pointermove", (event) => this.#hover(slot, event));
      slot.square.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") this.#leave(); });
      slot.image.addEventListener("keydown", (event) => this.#step(slot, event));
      slot.image.addEventListener("blur", () => this.#leave());
    }
  }

  /** Lays D's map over a picture: orange where it sees a generated patch, blue where a real one; null takes it away. */
  show(slot, map) {
    slot.scores.hidden = !map;
    slot.map = map ?? null;
    if (!map) {
      slot.field.hidden = true;
      return;
    }
    slot.values = bytesOf(map);
    slot.scores.width = map.width;
    slot.scores.height = map.height;
    const image = new ImageData(map.width, map.height);
    slot.values.forEach((value, at) => {
      const strength = Math.abs(value - 127.5) / 127.5;
      image.data.set([...(value < 127.5 ? GENERATED : REAL), 20 + 170 * strength], at * 4);
    });
    slot.scores.getContext("2d").putImageData(image, 0, 0);
    const { stride } = this.lens;
    place(slot.scores, [this.#inset, this.#inset + map.width * stride], [this.#inset, this.#inset + map.height * stride]);
  }

  /** The left edge of the first cell. */
  get #inset() { return this.lens.first + (this.lens.size - this.lens.stride) / 2; }

  /** Finds the patch under the pointer. */
  #hover(slot, event) {
    if (!slot.map) return;
    const box = slot.square.getBoundingClientRect();
    const cell = (offset, length) => Math.floor(((offset / length) * SIDE - this.#inset) / this.lens.stride);
    this.#outline(slot.map, cell(event.clientX - box.left, box.width), cell(event.clientY - box.top, box.height));
  }

  /** Goes to the next patch in the direction of an arrow key, from the middle at first. */
  #step(slot, event) {
    const { map } = slot;
    if (!map || !(event.key in ARROWS)) return;
    event.preventDefault();
    const { column, row } = this.patch ?? { column: map.width >> 1, row: map.height >> 1 };
    this.#outline(map, column + ARROWS[event.key][0], row + ARROWS[event.key][1]);
    this.say(`Patch ${this.patch.column + 1} from the left, ${this.patch.row + 1} from the top: ${slot.field.dataset.value}.`);
  }

  #leave() {
    this.patch = null;
    for (const { field } of this.slots) field.hidden = true;
  }

  /** Outlines, on both pictures, what a patch was judged by. */
  #outline({ width, height }, wantedColumn, wantedRow) {
    const inside = (cell, cells) => Math.min(cells - 1, Math.max(0, cell));
    const column = inside(wantedColumn, width), row = inside(wantedRow, height);
    this.patch = { column, row };
    const { first, stride, size } = this.lens;
    const span = (cell) => [Math.max(0, first + stride * cell), Math.min(SIDE, first + stride * cell + size)];
    for (const { field, map, values } of this.slots) {
      field.hidden = !map;
      if (!map) continue;
      place(field, span(column), span(row));
      field.dataset.value = `${percent(values[row * width + column])} real`;
    }
  }
}

/** Puts an element over pixels [left, right] and [top, bottom] of a picture.
 * @param {HTMLElement} node
 * @param {number[]} columns
 * @param {number[]} rows */
function place(node, [left, right], [top, bottom]) {
  const [x, y, width, height] = [left, top, right - left, bottom - top].map((value) => `${(value / SIDE) * 100}%`);
  Object.assign(node.style, { left: x, top: y, width, height });
}

function bytesOf(map) { return Uint8Array.from(atob(map.data), (letter) => letter.charCodeAt(0)); }

/** A byte of D's map in words: how likely it finds the patch to be real. */
function percent(value) {
  const share = 1 / (1 + Math.exp(-(value / 127.5 - 1) * MAX_ODDS));
  return share < 0.01 ? "under 1 %" : share > 0.99 ? "over 99 %" : `${Math.round(100 * share)} %`;
}

/** How many percent of the patches D takes for real rather than generated. */
export function passing(map) {
  const values = bytesOf(map);
  return Math.round((100 * values.filter((value) => value > 127).length) / values.length);
}
