import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";

import { encodePng, pngUrl, snap } from "../../pix2pix/studio/web/lib/png.js";
import { pixelOf, SIDE } from "../../pix2pix/studio/web/lib/raster.js";

const WHITE = pixelOf("#ffffff");

/** The chunks of a PNG file by type; checks its signature and every checksum. */
function chunksOf(bytes) {
  const file = Buffer.from(bytes);
  assert.deepEqual([...file.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = {};
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(file.subarray(at + 4, at + 8 + length)), type);
    chunks[type] = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return chunks;
}

/** The pixels of such a file. */
function pixelsOf(bytes) {
  const { IHDR, PLTE, IDAT } = chunksOf(bytes);
  const depth = IHDR[9] === 3 ? 1 : 3;
  const rows = inflateSync(IDAT);
  const pixels = new Uint32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    const start = y * (1 + SIDE * depth);
    assert.equal(rows[start], 0, "no filter");
    for (let x = 0; x < SIDE; x++) {
      const from = start + 1 + x * depth;
      const [red, green, blue] = depth === 1 ? PLTE.subarray(rows[from] * 3, rows[from] * 3 + 3) : rows.subarray(from, from + 3);
      pixels[y * SIDE + x] = (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
    }
  }
  return pixels;
}

test("a drawing of few colors is a small indexed file with exactly its pixels", async () => {
  const pixels = new Uint32Array(SIDE * SIDE).fill(WHITE);
  pixels.fill(pixelOf("#0030ff"), 1000, 9000);
  pixels.fill(pixelOf("#ff5000"), 20_000, 20_010);
  const bytes = await encodePng(pixels);
  assert.equal(chunksOf(bytes).IHDR[9], 3);
  assert.equal(chunksOf(bytes).PLTE.length, 9);
  assert.ok(bytes.length < 1000);
  assert.deepEqual(pixelsOf(bytes), pixels);
});

test("256 colors are indexed, 257 are not, and both are exact", async () => {
  for (const [colors, type] of [[256, 3], [257, 2]]) {
    const pixels = Uint32Array.from({ length: SIDE * SIDE }, (_, at) => (0xff000000 | ((at % colors) * 4099)) >>> 0);
    const bytes = await encodePng(pixels);
    assert.equal(chunksOf(bytes).IHDR[9], type);
    assert.deepEqual(pixelsOf(bytes), pixels);
  }
});

test("the size in the header is the picture's", async () => {
  const { IHDR } = chunksOf(await encodePng(new Uint32Array(SIDE * SIDE).fill(WHITE)));
  assert.deepEqual([IHDR.readUInt32BE(0), IHDR.readUInt32BE(4), IHDR[8]], [SIDE, SIDE, 8]);
});

test("a URL holds the same file", async () => {
  const pixels = Uint32Array.from({ length: SIDE * SIDE }, (_, at) => (0xff000000 | (at * 31)) >>> 0);
  const url = await pngUrl(pixels);
  assert.ok(url.startsWith("data:image/png;base64,"));
  assert.deepEqual(pixelsOf(Buffer.from(url.split(",")[1], "base64")), pixels);
});

test("every pixel becomes the nearest of the palette's", () => {
  const palette = ["#000000", "#0030ff", "#ff5000"].map(pixelOf);
  const near = ["#100804", "#1020f0", "#ee6010", "#0030ff"].map(pixelOf);
  assert.deepEqual([...snap(Uint32Array.from(near), palette)], [palette[0], palette[1], palette[2], palette[1]]);
});
