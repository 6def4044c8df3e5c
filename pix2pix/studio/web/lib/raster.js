// One 256 x 256 picture and its history. The pixels are kept here and never read back from a <canvas>:
// browsers that guard against fingerprinting change what is read back, and labels have to stay exact.

export const SIDE = 256;
const HISTORY = 200;

/** "#rrggbb" as a pixel: the bytes R, G, B, 255 in memory order. */
export function pixelOf(hex) {
  const value = parseInt(hex.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

export class Raster {
  constructor(background) {
    this.background = pixelOf(background);
    this.pixels = new Uint32Array(SIDE * SIDE).fill(this.background);
    this.bytes = new Uint8ClampedArray(this.pixels.buffer);
    this.before = null;
    this.steps = [];
    this.position = 0;
    this.changes = 0; // counted, so that what was asked for an older drawing can be told
  }

  get canUndo() { return this.position > 0; }
  get canRedo() { return this.position < this.steps.length; }
  get isBlank() { return this.pixels.every((pixel) => pixel === this.background); }

  /** Starts a step: everything drawn until `commit` is undone together. */
  begin() {
    this.changes++;
    this.before = this.pixels.slice();
  }

  /** Takes back what was drawn since `begin`, the step goes on: for shapes that follow the pointer. */
  rewind() { this.pixels.set(this.before); }

  cancel() {
    if (this.before) this.rewind();
    this.before = null;
  }

  /** Ends a step. Only the changed rectangle is kept, so that hundreds of steps stay small. */
  commit() {
    const box = this.#changed();
    const step = box && { box, before: crop(this.before, box), after: crop(this.pixels, box) };
    this.before = null;
    if (!step) return false;
    this.changes++;
    this.steps.length = this.position;
    this.steps.push(step);
    if (this.steps.length > HISTORY) this.steps.shift();
    this.position = this.steps.length;
    return true;
  }

  undo() {
    if (!this.canUndo) return false;
    this.changes++;
    const step = this.steps[--this.position];
    paste(this.pixels, step.box, step.before);
    return true;
  }

  redo() {
    if (!this.canRedo) return false;
    this.changes++;
    const step = this.steps[this.position++];
    paste(this.pixels, step.box, step.after);
    return true;
  }

  /** One undoable step that sets every pixel. */
  replace(pixels) {
    this.begin();
    this.pixels.set(pixels);
    return this.commit();
  }

  clear() { return this.replace(new Uint32Array(SIDE * SIDE).fill(this.background)); }

  /** A line with round ends between two points in pixels. Hard-edged, or, when `soft`, ink whose edge fades over a pixel. */
  stroke(from, to, diameter, pixel, soft) {
    const radius = diameter / 2;
    const reach = radius + 1;
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const right = Math.min(SIDE - 1, Math.ceil(Math.max(from.x, to.x) + reach));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const bottom = Math.min(SIDE - 1, Math.ceil(Math.max(from.y, to.y) + reach));
    const dx = to.x - from.x, dy = to.y - from.y;
    const squared = dx * dx + dy * dy;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const px = x + 0.5 - from.x, py = y + 0.5 - from.y;
        const along = squared ? Math.min(1, Math.max(0, (px * dx + py * dy) / squared)) : 0;
        const distance = Math.hypot(px - along * dx, py - along * dy);
        const at = y * SIDE + x;
        if (soft) this.#ink(at, radius + 0.5 - distance);
        else if (distance <= radius) this.pixels[at] = pixel;
      }
    }
  }

  /** Darkens a pixel to the ink's coverage; the darker value stays, so crossing and joining strokes do not blot. */
  #ink(at, coverage) {
    if (coverage <= 0) return;
    const value = Math.round(255 * (1 - Math.min(1, coverage)));
    if (value < this.bytes[at * 4]) this.pixels[at] = (0xff000000 | (value << 16) | (value << 8) | value) >>> 0;
  }

  /** Fills the rectangle between two corners, both pixels included. */
  rectangle(from, to, pixel) {
    const { left, right, top, bottom } = corners(from, to);
    for (let y = top; y <= bottom; y++) this.pixels.fill(pixel, y * SIDE + left, y * SIDE + right + 1);
  }

  /** Recolors the area of one color around a point. */
  fill(point, pixel) {
    const start = clampPixel(point.y) * SIDE + clampPixel(point.x);
    const old = this.pixels[start];
    if (old === pixel) return;
    const waiting = [start];
    this.pixels[start] = pixel;
    while (waiting.length) {
      const at = waiting.pop();
      const x = at % SIDE;
      for (const next of [x > 0 ? at - 1 : -1, x < SIDE - 1 ? at + 1 : -1, at - SIDE, at + SIDE]) {
        if (next >= 0 && next < this.pixels.length && this.pixels[next] === old) {
          this.pixels[next] = pixel;
          waiting.push(next);
        }
      }
    }
  }

  #changed() {
    let left = SIDE, right = -1, top = SIDE, bottom = -1;
    for (let at = 0; at < this.pixels.length; at++) {
      if (this.pixels[at] === this.before[at]) continue;
      const x = at % SIDE, y = (at - x) / SIDE;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
    return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
  }
}

function clampPixel(value) { return Math.min(SIDE - 1, Math.max(0, Math.floor(value))); }

function corners(from, to) {
  const xs = [clampPixel(from.x), clampPixel(to.x)], ys = [clampPixel(from.y), clampPixel(to.y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function crop(pixels, box) {
  const part = new Uint32Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    const start = (box.top + y) * SIDE + box.left;
    part.set(pixels.subarray(start, start + box.width), y * box.width);
  }
  return part;
}

function paste(pixels, box, part) {
  for (let y = 0; y < box.height; y++) {
    pixels.set(part.subarray(y * box.width, (y + 1) * box.width), (box.top + y) * SIDE + box.left);
  }
}
