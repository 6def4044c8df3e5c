import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { PenInput } from "../../pix2pix/studio/web/draw/pen.js";
import { pixelOf, Raster, SIDE } from "../../pix2pix/studio/web/lib/raster.js";

const RED = pixelOf("#ff0000");
// On the page a pixel of the drawing is two wide, and the sheet lies at (100, 50).
const BOX = { left: 100, top: 50, width: 2 * SIDE, height: 2 * SIDE };

/** A canvas that knows where it lies. */
class Canvas extends EventTarget {
  getBoundingClientRect() { return BOX; }
  focus() {}
  setPointerCapture() { throw new Error("synthetic pointers cannot be captured"); }
}

let canvas, sheet, ring, board, input, told, now;

beforeEach(() => {
  now = 1000;
  performance.now = () => now;
  canvas = new Canvas();
  sheet = { style: {}, parentElement: { getBoundingClientRect: () => BOX } };
  ring = { style: {} };
  told = [];
  board = {
    raster: new Raster("#ffffff"),
    tool: { tool: "pen", size: 3, most: 20, pixel: RED, soft: false, symmetric: false, pressure: true },
    brush(tool = this.tool.tool) { return { ...this.tool, tool, pixel: tool === "eraser" ? this.raster.background : RED }; },
    penSeen: () => told.push("pen"),
    drawn: () => told.push("drawn"),
    finished: () => told.push("finished"),
    zoomed: (scale) => told.push(`zoomed ${scale}`),
  };
  input = new PenInput(canvas, sheet, ring, board);
});

/** A pointer's event over the pixel (x, y). */
function point(type, x, y, more = {}) {
  const event = new Event(type, { cancelable: true });
  Object.assign(event, { pointerId: 1, pointerType: "mouse", button: 0, pressure: 0.5, clientX: BOX.left + 2 * x, clientY: BOX.top + 2 * y }, more);
  canvas.dispatchEvent(event);
  return event;
}

function key(name, more = {}) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key: name, shiftKey: false }, more);
  canvas.dispatchEvent(event);
  return event;
}

function drag(from, to, more) {
  point("pointerdown", ...from, more);
  point("pointermove", ...to, more);
  point("pointerup", ...to, more);
}

const inked = () => board.raster.pixels.filter((pixel) => pixel === RED).length;
const at = (x, y) => board.raster.pixels[y * SIDE + x];

test("a drag draws where the pointer is, as one step", () => {
  drag([20, 30], [60, 30]);
  assert.equal(at(40, 30), RED);
  assert.equal(at(40, 36), board.raster.background);
  assert.deepEqual(told, ["drawn", "drawn", "finished"]);
  board.raster.undo();
  assert.ok(board.raster.isBlank);
  assert.equal(board.raster.canUndo, false);
});

test("events that the browser gathered are all drawn", () => {
  point("pointerdown", 20, 20);
  const gathered = [[60, 20], [60, 60]].map(([x, y]) => ({ clientX: BOX.left + 2 * x, clientY: BOX.top + 2 * y }));
  point("pointermove", 60, 60, { getCoalescedEvents: () => gathered });
  point("pointerup", 60, 60);
  assert.equal(at(59, 20), RED);
});

test("the right button draws nothing, the other end of a pen erases", () => {
  point("pointerdown", 20, 20, { button: 2 });
  assert.equal(input.busy, false);
  drag([20, 30], [60, 30]);
  drag([20, 30], [60, 30], { button: 5, pointerType: "pen" });
  assert.equal(inked(), 0);
});

test("a pen is told of, and pressed harder it draws thicker", () => {
  const width = (pressure) => {
    board.raster.clear();
    drag([20, 30], [60, 30], { pointerType: "pen", pressure });
    return inked();
  };
  assert.ok(width(0.1) < width(0.5));
  assert.ok(width(0.5) < width(1));
  assert.ok(told.includes("pen"));
  board.tool.pressure = false;
  assert.equal(width(0.1), width(1));
});

test("the hand that holds the pen does not draw", () => {
  point("pointerdown", 20, 20, { pointerType: "pen" });
  point("pointerdown", 200, 200, { pointerType: "touch", pointerId: 2 });
  assert.equal(at(200, 200), board.raster.background);
  assert.ok(input.busy);
});

test("a line and a rectangle follow the pointer and leave only their last shape", () => {
  for (const tool of ["line", "rectangle"]) {
    board.raster.clear();
    board.tool.tool = tool;
    point("pointerdown", 20, 20);
    point("pointermove", 200, 20);
    point("pointermove", 20, 60);
    point("pointerup", 20, 60);
    assert.equal(at(100, 20), board.raster.background, tool);
    assert.equal(at(20, 40), RED, tool);
  }
});

test("symmetry mirrors pixel 0 to pixel 255", () => {
  board.tool.symmetric = true;
  board.tool.size = 1;
  drag([0.5, 30.5], [0.5, 30.5]);
  assert.deepEqual([at(0, 30), at(SIDE - 1, 30), inked()], [RED, RED, 2]);
});

test("a second finger ends an accident without a trace, and zooms", () => {
  point("pointerdown", 100, 100, { pointerType: "touch" });
  point("pointerdown", 140, 100, { pointerType: "touch", pointerId: 2 });
  assert.ok(board.raster.isBlank);
  assert.equal(board.raster.canUndo, false);
  point("pointermove", 180, 100, { pointerType: "touch", pointerId: 2 });
  assert.equal(told.at(-1), "zoomed 2");
  assert.match(sheet.style.transform, /scale\(2\)/);
  input.resetZoom();
  assert.equal(sheet.style.transform, "");
});

test("a stroke worth the name stays when a second finger comes", () => {
  point("pointerdown", 20, 30, { pointerType: "touch" });
  point("pointermove", 60, 30, { pointerType: "touch" });
  now += 300;
  point("pointerdown", 140, 100, { pointerType: "touch", pointerId: 2 });
  assert.equal(told.at(-1), "finished");
  assert.equal(at(40, 30), RED);
});

test("zoom stays within 1 and 8, and the sheet in its frame", () => {
  point("pointerdown", 100, 100, { pointerType: "touch" });
  point("pointerdown", 101, 100, { pointerType: "touch", pointerId: 2 });
  point("pointermove", 250, 100, { pointerType: "touch", pointerId: 2 });
  assert.equal(input.zoom.scale, 8);
  point("pointermove", 101, 100, { pointerType: "touch", pointerId: 2 });
  point("pointermove", 100.5, 100, { pointerType: "touch", pointerId: 2 });
  assert.deepEqual({ ...input.zoom }, { scale: 1, x: 0, y: 0 });
});

test("keys draw: the arrows move, the space bar puts the tool down and lifts it", () => {
  assert.ok(key(" ").defaultPrevented);
  key("ArrowRight");
  key("ArrowRight", { shiftKey: true });
  key(" ");
  assert.equal(at(128 + 10, 128), RED);
  assert.equal(told.at(-1), "finished");
  assert.equal(key("a").defaultPrevented, false);
});

test("escape drops what is being drawn; leaving the canvas ends it", () => {
  key("Enter");
  key("ArrowDown");
  key("Escape");
  assert.ok(board.raster.isBlank);
  key("Enter");
  canvas.dispatchEvent(new Event("blur"));
  assert.equal(input.busy, false);
  assert.equal(board.raster.canUndo, true);
  assert.equal(ring.style.display, "none");
});
