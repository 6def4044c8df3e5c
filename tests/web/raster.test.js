import assert from "node:assert/strict";
import { test } from "node:test";

import { pixelOf, Raster, SIDE } from "../../pix2pix/studio/web/lib/raster.js";

const WHITE = pixelOf("#ffffff"), RED = pixelOf("#ff0000"), BLACK = pixelOf("#000000");
const at = (raster, x, y) => raster.pixels[y * SIDE + x];
const count = (raster, pixel) => raster.pixels.filter((each) => each === pixel).length;

/** A blank sheet on which `draw` was one step. */
function drawn(draw) {
  const raster = new Raster("#ffffff");
  raster.begin();
  draw(raster);
  raster.commit();
  return raster;
}

test("a color becomes the bytes R, G, B, 255", () => {
  assert.deepEqual([...new Uint8Array(Uint32Array.of(pixelOf("#102030")).buffer)], [16, 32, 48, 255]);
});

test("a hard stroke has only the pen's color, and covers its width", () => {
  const raster = drawn((sheet) => sheet.stroke({ x: 20, y: 50 }, { x: 60, y: 50 }, 4, RED, false));
  assert.equal(count(raster, RED) + count(raster, WHITE), SIDE * SIDE);
  assert.deepEqual([47, 48, 51, 52].map((y) => at(raster, 40, y) === RED), [false, true, true, false]);
  assert.equal(at(raster, 10, 50), WHITE);
});

test("a tap leaves a round dot", () => {
  const raster = drawn((sheet) => sheet.stroke({ x: 100.5, y: 100.5 }, { x: 100.5, y: 100.5 }, 3, RED, false));
  assert.equal(count(raster, RED), 9); // 3 x 3: the middles of its corners lie within 1.5 pixels
});

test("ink fades over a pixel, and crossing strokes do not blot", () => {
  const once = drawn((sheet) => sheet.stroke({ x: 20, y: 50 }, { x: 60, y: 50 }, 1.5, BLACK, true));
  const shades = new Set(once.pixels.map((pixel) => pixel & 255));
  assert.ok(shades.size > 2);
  const twice = drawn((sheet) => {
    for (let time = 0; time < 2; time++) sheet.stroke({ x: 20, y: 50 }, { x: 60, y: 50 }, 1.5, BLACK, true);
  });
  assert.deepEqual(twice.pixels, once.pixels);
});

test("nothing is drawn outside of the sheet", () => {
  const raster = drawn((sheet) => sheet.stroke({ x: -50, y: -50 }, { x: 400, y: 400 }, 8, RED, false));
  assert.equal(raster.pixels.length, SIDE * SIDE);
  assert.equal(at(raster, 0, 0), RED);
  assert.equal(at(raster, SIDE - 1, SIDE - 1), RED);
  assert.equal(at(raster, SIDE - 1, 0), WHITE);
});

test("a rectangle has both corners, whichever is first", () => {
  const there = drawn((sheet) => sheet.rectangle({ x: 10, y: 20 }, { x: 12, y: 21 }, RED));
  const back = drawn((sheet) => sheet.rectangle({ x: 12, y: 21 }, { x: 10, y: 20 }, RED));
  assert.equal(count(there, RED), 6);
  assert.deepEqual(there.pixels, back.pixels);
});

test("a fill stops at other colors and stays in its area", () => {
  const raster = drawn((sheet) => {
    sheet.rectangle({ x: 100, y: 0 }, { x: 101, y: 255 }, BLACK);
    sheet.fill({ x: 3, y: 3 }, RED);
  });
  assert.equal(count(raster, RED), 100 * SIDE);
  assert.equal(at(raster, 102, 3), WHITE);
});

test("undo and redo give every step back", () => {
  const raster = new Raster("#ffffff");
  const states = [raster.pixels.slice()];
  for (let step = 0; step < 5; step++) {
    raster.begin();
    raster.rectangle({ x: step * 10, y: 5 }, { x: step * 10 + 4, y: 9 }, RED);
    assert.ok(raster.commit());
    states.push(raster.pixels.slice());
  }
  for (const state of states.slice(0, -1).reverse()) {
    raster.undo();
    assert.deepEqual(raster.pixels, state);
  }
  assert.equal(raster.undo(), false);
  assert.ok(raster.isBlank);
  for (const state of states.slice(1)) {
    raster.redo();
    assert.deepEqual(raster.pixels, state);
  }
  assert.equal(raster.redo(), false);
});

test("a new step ends what could be redone; a step that changes nothing is none", () => {
  const raster = drawn((sheet) => sheet.rectangle({ x: 0, y: 0 }, { x: 5, y: 5 }, RED));
  raster.undo();
  raster.begin();
  assert.equal(raster.commit(), false);
  assert.ok(raster.canRedo);
  raster.clear();
  assert.ok(raster.canRedo, "clearing a blank sheet changes nothing");
  raster.begin();
  raster.fill({ x: 9, y: 9 }, BLACK);
  raster.commit();
  assert.equal(raster.canRedo, false);
});

test("a canceled step leaves no trace", () => {
  const raster = new Raster("#ffffff");
  raster.begin();
  raster.fill({ x: 9, y: 9 }, BLACK);
  raster.cancel();
  assert.ok(raster.isBlank);
  assert.equal(raster.canUndo, false);
});

test("at most 200 steps are kept", () => {
  const raster = new Raster("#ffffff");
  for (let step = 0; step < 205; step++) raster.replace(new Uint32Array(SIDE * SIDE).fill(step));
  let undone = 0;
  while (raster.undo()) undone++;
  assert.equal(undone, 200);
  assert.equal(at(raster, 0, 0), 4);
});
