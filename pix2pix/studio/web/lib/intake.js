// A picture on its way in: from a file, the clipboard, a drag or the camera to something the server takes.

import { canvasOf } from "./files.js";

export const MAX_FILE = 20_000_000;
const MAX_SIDE = 2048; // pixels a side that are translated; what browsers can read is reduced here, before it is sent

/** The photo in a file as { blob, preview, before }: what to send, a URL that shows it, its width and height before.
 * `preview` is null where the browser cannot read the file; the server may still. Throws Refusal.
 * @param {Blob} file
 * @returns {Promise<import("../types.d.ts").Photo>} */
export async function prepare(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  const before = bitmap && [bitmap.width, bitmap.height];
  if (!bitmap || Math.max(...before) <= MAX_SIDE) {
    if (file.size > MAX_FILE) throw new Refusal("This file is larger than 20 MB, the most that is taken.");
    // What moves is translated by its first picture, and shown by it.
    const shown = bitmap && (/gif|webp/.test(file.type) ? await reduce(bitmap, 1) : file);
    bitmap?.close();
    return { blob: file, preview: shown && URL.createObjectURL(shown), before };
  }
  const blob = await reduce(bitmap, MAX_SIDE / Math.max(...before));
  bitmap.close();
  return { blob, preview: URL.createObjectURL(blob), before };
}

/** A picture on white as a JPEG file, its sides times `scale`. */
async function reduce(bitmap, scale) {
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const [canvas, context] = canvasOf(width, height);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
}

/** Something the person has to be told; the message says what. */
export class Refusal extends Error {}

/** Uploads a photo; its path on the server. Throws Refusal. A name of its own keeps it apart from the same photo uploaded by someone else. */
export async function send(blob, upload) {
  const name = `${crypto.getRandomValues(new Uint32Array(4)).join("")}.photo`;
  const file = await upload(new File([blob], name, { type: blob.type })).catch(() => null);
  if (!file?.path) throw new Refusal("The photo could not be sent. Is the server running?");
  return file.path;
}

/** Calls `use(file)` for every file that is dropped or pasted anywhere on the page while `area` is in sight. Nothing that is
 * dropped makes the browser leave the page, whatever is in sight. */
export function receiveFiles(area, use) {
  let inside = 0;
  const isSeen = () => area.isConnected && area.offsetParent !== null;
  const mark = (step) => { inside = Math.max(0, inside + step); area.classList.toggle("over-drop", inside > 0 && isSeen()); };
  document.addEventListener("dragenter", () => mark(1));
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", keep);
  document.addEventListener("drop", (event) => {
    keep(event);
    mark(-inside);
    if (event.dataTransfer.files[0] && isSeen()) use(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const file = files.find((each) => each.type.startsWith("image/")) ?? files[0];
    if (file && isSeen()) use(file);
  });
}

/** Keeps the browser from opening what is dragged; words may still be dropped into a field. */
function keep(event) {
  const intoField = /** @type {Element} */ (event.target).closest?.("input, textarea") && !event.dataTransfer.types.includes("Files");
  if (!intoField) event.preventDefault();
}
