// Pixels to PNG and back. Written here for the reason given in raster.js, and because a picture of few colors
// becomes an indexed PNG of one or two kilobytes: small enough for every stroke and for a link.

import { SIDE } from "./raster.js";

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

/** 256 x 256 pixels -> the bytes of a PNG file, indexed where there are at most 256 colors. */
export async function encodePng(pixels) {
  const indices = new Map();
  let last = null, index = 0; // most pixels are as the one before them: no need to look them up
  for (const pixel of pixels) {
    if (pixel === last) continue;
    last = pixel;
    if (!indices.has(pixel)) indices.set(pixel, indices.size);
    if (indices.size > 256) break;
  }
  const indexed = indices.size <= 256;
  const depth = indexed ? 1 : 3;
  const rows = new Uint8Array(SIDE * (1 + SIDE * depth));
  last = null;
  for (let at = 0, to = 0; at < pixels.length; at++) {
    const pixel = pixels[at];
    if (at % SIDE === 0) to++; // every row starts with its filter type, 0
    if (!indexed) {
      to = writeRgb(rows, to, pixel);
      continue;
    }
    if (pixel !== last) {
      last = pixel;
      index = indices.get(pixel);
    }
    rows[to++] = index;
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, SIDE);
  view.setUint32(4, SIDE);
  header.set([8, indexed ? 3 : 2], 8);
  const chunks = [Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10), chunk("IHDR", header)];
  if (indexed) {
    const palette = new Uint8Array(indices.size * 3);
    let to = 0;
    for (const pixel of indices.keys()) to = writeRgb(palette, to, pixel);
    chunks.push(chunk("PLTE", palette));
  }
  chunks.push(chunk("IDAT", await deflate(rows)), chunk("IEND", new Uint8Array(0)));
  return join(chunks);
}

export async function pngUrl(pixels) { return "data:image/png;base64," + base64(await encodePng(pixels)); }

/** Pixels as a JPEG picture, for where exact ones are too long. */
export async function jpegUrl(bytes, quality) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  canvas.getContext("2d").putImageData(new ImageData(bytes, SIDE, SIDE), 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
  return "data:image/jpeg;base64," + base64(new Uint8Array(await blob.arrayBuffer()));
}

function writeRgb(bytes, at, pixel) {
  bytes[at] = pixel & 0xff;
  bytes[at + 1] = (pixel >>> 8) & 0xff;
  bytes[at + 2] = (pixel >>> 16) & 0xff;
  return at + 3;
}

function chunk(type, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  let crc = 0xffffffff;
  for (let at = 4; at < 8 + data.length; at++) crc = CRC_TABLE[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  view.setUint32(8 + data.length, ~crc >>> 0);
  return bytes;
}

async function deflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function join(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** Loads a picture from a URL or file, any size: fitted into 256 x 256 on `background`, as pixels. */
export async function pixelsOf(source, background) {
  const url = typeof source === "string" ? source : URL.createObjectURL(source);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(SIDE, SIDE);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = background;
    context.fillRect(0, 0, SIDE, SIDE);
    const scale = Math.min(SIDE / image.naturalWidth, SIDE / image.naturalHeight);
    const width = Math.max(1, Math.round(image.naturalWidth * scale)), height = Math.max(1, Math.round(image.naturalHeight * scale));
    context.imageSmoothingQuality = "high";
    context.drawImage(image, Math.floor((SIDE - width) / 2), Math.floor((SIDE - height) / 2), width, height);
    return new Uint32Array(context.getImageData(0, 0, SIDE, SIDE).data.buffer);
  } finally {
    if (url !== source) URL.revokeObjectURL(url);
  }
}

/** Every pixel becomes the nearest of the palette's: resampling and JPEG leave shades that are no labels. */
export function snap(pixels, palette) {
  const known = new Map();
  return pixels.map((pixel) => {
    if (!known.has(pixel)) {
      const distance = (other) => [0, 8, 16].reduce((sum, bit) => sum + (((pixel >>> bit) & 255) - ((other >>> bit) & 255)) ** 2, 0);
      known.set(pixel, palette.reduce((best, other) => (distance(other) < distance(best) ? other : best)));
    }
    return known.get(pixel);
  });
}
