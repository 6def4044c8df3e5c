// Mouse, touch, pen and keyboard on the canvas, turned into strokes. Two fingers zoom and move the sheet instead.

import { SIDE } from "../lib/raster.js";

const KEY_STEP = 4;
const MAX_ZOOM = 8;
const PEN_ERASER = 5; // the button that the other end of a pen is

export class PenInput {
  /** `board` gives `raster` and `brush(tool)`, and is told when a pen is seen (`penSeen()`), and `drawn()` while, `finished()` after something changed. */
  constructor(canvas, sheet, ring, board) {
    this.canvas = canvas;
    this.sheet = sheet;
    this.ring = ring;
    this.board = board;
    this.pointers = new Map();
    this.stroke = null;
    this.zoom = { scale: 1, x: 0, y: 0 };
    this.crosshair = { x: SIDE / 2, y: SIDE / 2 };
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#up(event));
    canvas.addEventListener("pointerleave", () => { if (!this.stroke) this.#hideRing(); });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#endKeys());
  }

  get busy() { return this.stroke !== null; }

  /** Drops what is being drawn; called before the drawing is replaced from elsewhere. */
  cancel() {
    if (!this.stroke) return;
    this.stroke = null;
    this.board.raster.cancel();
    this.board.drawn();
  }

  resetZoom() {
    this.zoom = { scale: 1, x: 0, y: 0 };
    this.#applyZoom();
  }

  /** Client coordinates -> pixels of the drawing. The canvas's own rectangle knows of zoom and device pixels. */
  #point(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
  }

  #down(event) {
    if (event.button > 0 && event.button !== PEN_ERASER) return;
    event.preventDefault();
    if (this.stroke?.pen && event.pointerType === "touch") return; // the hand that holds the pen
    this.canvas.focus({ preventScroll: true });
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.pointers.size > 1) {
      this.#finishOrDrop();
      return;
    }
    // Without capture a stroke would end at the canvas's edge; synthetic pointers cannot be captured.
    try { this.canvas.setPointerCapture(event.pointerId); } catch { /* the stroke still works */ }
    this.#start(this.#point(event), event);
  }

  #move(event) {
    if (event.pointerType !== "touch") this.#showRing(this.#point(event));
    if (!this.pointers.has(event.pointerId)) return;
    if (this.pointers.size > 1) {
      this.#pinch(event);
      return;
    }
    if (!this.stroke) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.#extend(this.#point(each), each);
    this.board.drawn();
  }

  #up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.stroke && this.pointers.size === 0) this.#end();
  }

  #start(point, event) {
    const brush = this.board.brush(event?.button === PEN_ERASER ? "eraser" : undefined);
    const pen = event?.pointerType === "pen";
    if (pen) this.board.penSeen();
    this.stroke = { brush, pen, start: point, last: point, moved: 0, time: performance.now() };
    this.board.raster.begin();
    this.#extend(point, event);
    this.board.drawn();
  }

  #extend(point, event) {
    const { brush, start, last } = this.stroke;
    const raster = this.board.raster;
    this.stroke.moved += Math.hypot(point.x - last.x, point.y - last.y);
    this.stroke.last = point;
    // Pens report how hard they are pressed, mice and fingers a constant.
    const pressed = brush.pressure && this.stroke.pen && event.pressure > 0 ? 0.5 + event.pressure : 1;
    const size = Math.max(1, Math.min(brush.most, brush.size * pressed));
    for (const [place, from, anchor] of this.#mirrored(brush, point, last, start)) {
      if (brush.tool === "pen" || brush.tool === "eraser") {
        raster.stroke(from, place, size, brush.pixel, brush.soft);
      }
      if (brush.tool === "fill" && point === start) raster.fill(place, brush.pixel);
      if (brush.tool === "line") this.#shape(() => raster.stroke(anchor, place, brush.size, brush.pixel, brush.soft), place === point);
      if (brush.tool === "rectangle") this.#shape(() => this.#rectangle(anchor, place, brush), place === point);
    }
  }

  /** The stroke's points, and when symmetry is on their mirror images; a hair less, so that pixel 0 mirrors to pixel 255. */
  #mirrored(brush, ...points) {
    return brush.symmetric ? [points, points.map(({ x, y }) => ({ x: SIDE - x - 1e-6, y }))] : [points];
  }

  #shape(draw, first) {
    if (first) this.board.raster.rewind();
    draw();
  }

  /** Labels are filled areas; ink draws the outline. */
  #rectangle(from, to, brush) {
    const raster = this.board.raster;
    if (!brush.soft) {
      raster.rectangle(from, to, brush.pixel);
      return;
    }
    const ring = [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }];
    ring.forEach((corner, at) => raster.stroke(corner, ring[(at + 1) % 4], brush.size, brush.pixel, true));
  }

  #end() {
    this.stroke = null;
    this.board.raster.commit();
    this.board.finished();
  }

  /** A second finger came: what the first drew by accident goes, a stroke worth the name stays. */
  #finishOrDrop() {
    if (!this.stroke) return;
    const accident = performance.now() - this.stroke.time < 250 || this.stroke.moved < 4;
    if (accident) this.cancel();
    else this.#end();
  }

  #pinch(event) {
    const before = [...this.pointers.values()].slice(0, 2);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = [...this.pointers.values()].slice(0, 2);
    const spread = (/** @type {any[]} */ [a, b]) => Math.hypot(a.x - b.x, a.y - b.y) || 1;
    const middle = (/** @type {any[]} */ [a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    const frame = this.sheet.parentElement.getBoundingClientRect();
    const [from, to] = [middle(before), middle(after)];
    const scale = Math.min(MAX_ZOOM, Math.max(1, this.zoom.scale * (spread(after) / spread(before))));
    const ratio = scale / this.zoom.scale;
    const x = to.x - frame.left - (from.x - frame.left - this.zoom.x) * ratio;
    const y = to.y - frame.top - (from.y - frame.top - this.zoom.y) * ratio;
    // The sheet never leaves its frame.
    this.zoom = { scale, x: Math.min(0, Math.max(frame.width * (1 - scale), x)), y: Math.min(0, Math.max(frame.height * (1 - scale), y)) };
    this.#applyZoom();
  }

  #applyZoom() {
    const { scale, x, y } = this.zoom;
    this.sheet.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
    this.board.zoomed(scale);
  }

  #showRing({ x, y }) {
    const { size, tool } = this.board.brush();
    const width = tool === "pen" || tool === "eraser" ? Math.max(size, 3) : 3;
    this.ring.style.cssText = `display:block;left:${(x / SIDE) * 100}%;top:${(y / SIDE) * 100}%;width:${(width / SIDE) * 100}%`;
  }

  #hideRing() { this.ring.style.display = "none"; }

  /** Arrow keys move a crosshair, the space bar puts the tool down and lifts it. */
  #key(event) {
    const step = event.shiftKey ? KEY_STEP * 4 : KEY_STEP;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      this.crosshair = { x: Math.min(SIDE, Math.max(0, this.crosshair.x + dx)), y: Math.min(SIDE, Math.max(0, this.crosshair.y + dy)) };
      if (this.stroke) {
        this.#extend(this.crosshair);
        this.board.drawn();
      }
    } else if (event.key === " " || event.key === "Enter") {
      if (this.stroke) this.#end();
      else this.#start(this.crosshair);
    } else if (event.key === "Escape") {
      this.cancel();
    } else return;
    event.preventDefault();
    this.#showRing(this.crosshair);
  }

  #endKeys() {
    if (this.stroke && this.pointers.size === 0) this.#end();
    this.#hideRing();
  }
}
