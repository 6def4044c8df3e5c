// What somebody put on the canvas: a drawing, a map of labels, or something else, such as a photo. Judged by its pixels, 256 x 256.

import { SIDE } from "./raster.js";

const PAPER = 225; // the least of R, G and B that counts as white paper
const MIN_PAPER = 0.5; // share of a drawing that is paper
const THICK = 6; // what is still there this many pixels inside an area is no stroke
const MAX_SOLID = 0.2; // share of a drawing's marks that lie so deep
const LABEL = 24; // how far from a label's color JPEG and resizing take its pixels, of 255
const MIN_LABELS = 0.45; // share of labels among what is no background

/** Whether a picture is drawn on white paper in lines of any color. */
export function isDrawing(pixels) {
  const marks = pixels.map((pixel) => Number(Math.min(...channels(pixel)) < PAPER));
  const count = marks.reduce((sum, mark) => sum + mark, 0);
  if (count > (1 - MIN_PAPER) * pixels.length) return false;
  return thinned(thinned(marks, 1), SIDE).reduce((sum, mark) => sum + mark, 0) <= MAX_SOLID * count;
}

/** Whether a picture is made of the labels of `palette`, pixels, beside a background of any color. The first label says nothing:
 * it is what a picture that is not square was fitted into. */
export function isMap(pixels, palette) {
  const background = commonest(pixels);
  const rest = pixels.filter((pixel) => shade(pixel) !== background && pixel !== palette[0]);
  if (rest.length < 0.01 * pixels.length) return true;
  const labels = palette.map(channels);
  const isLabel = (pixel) => {
    const mine = channels(pixel);
    return labels.some((label) => label.every((value, at) => Math.abs(value - mine[at]) <= LABEL));
  };
  return rest.filter(isLabel).length >= MIN_LABELS * rest.length;
}

function channels(pixel) { return [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255]; }

/** A pixel's color in steps of 16. */
function shade(pixel) { return (pixel >>> 4) & 0x0f0f0f; }

/** The shade that most pixels have. */
function commonest(pixels) {
  const counts = new Map();
  for (const pixel of pixels) counts.set(shade(pixel), (counts.get(shade(pixel)) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

/** The marks that have marks on both sides for `THICK` pixels; the next one is `step` away. */
function thinned(marks, step) {
  return marks.map((mark, at) => {
    for (let away = -THICK; mark && away <= THICK; away++) mark = marks[at + away * step] ?? 1;
    return mark;
  });
}
