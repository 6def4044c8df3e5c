import assert from "node:assert/strict";
import { test } from "node:test";

import { isDrawing, isMap } from "../../pix2pix/studio/web/lib/picture-kind.js";
import { pixelOf, Raster, SIDE } from "../../pix2pix/studio/web/lib/raster.js";

const LABELS = ["#0000e0", "#0030ff", "#0080ff", "#20ffe0"].map(pixelOf);

/** A drawing of a shape's outline: lines from point to point. */
function outline(width = 1.5) {
  const raster = new Raster("#ffffff");
  const corners = [[40, 200], [40, 80], [120, 80], [220, 170], [220, 200], [40, 200]].map(([x, y]) => ({ x, y }));
  for (let at = 1; at < corners.length; at++) raster.stroke(corners[at - 1], corners[at], width, 0, true);
  return raster;
}

/** A photo of something on a background: a shaded area in the middle. */
function photo(background) {
  const raster = new Raster(background);
  for (let y = 80; y < 200; y++) {
    for (let x = 50; x < 210; x++) raster.pixels[y * SIDE + x] = (0xff000000 | ((x >> 1) << 16) | ((y >> 1) << 8) | ((x + y) >> 1)) >>> 0;
  }
  return raster.pixels;
}

function map() {
  const raster = new Raster("#0000e0");
  raster.rectangle({ x: 20, y: 20 }, { x: 230, y: 250 }, LABELS[1]);
  for (let x = 40; x < 200; x += 50) raster.rectangle({ x, y: 60 }, { x: x + 25, y: 110 }, LABELS[2]);
  return raster;
}

test("lines on white are a drawing, thin or thick, and so are strokes of color among them", () => {
  for (const width of [1, 1.5, 3, 7]) assert.equal(isDrawing(outline(width).pixels), true, String(width));
  const colored = outline();
  for (let y = 100; y < 150; y += 12) colored.stroke({ x: 60, y }, { x: 130, y: y + 8 }, 8, pixelOf("#e02020"), false);
  assert.equal(isDrawing(colored.pixels), true);
  assert.equal(isDrawing(new Raster("#ffffff").pixels), true);
});

test("what is filled, flat or shaded, is no line drawing, whatever is behind it", () => {
  for (const background of ["#ffffff", "#808080", "#101010"]) assert.equal(isDrawing(photo(background)), false, background);
  const flat = outline();
  flat.rectangle({ x: 60, y: 100 }, { x: 150, y: 180 }, pixelOf("#902020"));
  assert.equal(isDrawing(flat.pixels), false);
});

test("a map is made of its labels, also after JPEG; photos and drawings are none", () => {
  assert.equal(isMap(map().pixels, LABELS), true);
  const blurred = map().pixels.map((pixel, at) => (pixel & 0xff00ffff) | (((pixel >>> 16) - (pixel >>> 16 & 255 ? at % 20 : 0) & 255) << 16));
  assert.equal(isMap(blurred, LABELS), true);
  for (const pixels of [photo("#ffffff"), photo("#0000e0"), outline().pixels]) assert.equal(isMap(pixels, LABELS), false);
  const wide = photo("#ffffff");
  wide.fill(LABELS[0], 0, 60 * SIDE);
  assert.equal(isMap(wide, LABELS), false, "on a page of the first label");
  assert.equal(isMap(new Raster("#000000").pixels, LABELS), true, "a single area of any color");
});
