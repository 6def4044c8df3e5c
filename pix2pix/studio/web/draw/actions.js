// What happens on clicks, keys and pictures that arrive.

import { download } from "../lib/files.js";
import { MAX_FILE, prepare, receiveFiles, Refusal, send } from "../lib/intake.js";
import { isDrawing, isMap } from "../lib/picture-kind.js";
import { jpegUrl, pixelsOf, pngUrl } from "../lib/png.js";
import { pixelOf } from "../lib/raster.js";
import { decodeLink, encodeLink } from "../lib/share.js";
import { begin, bring, choose, chooseModel, drawRandom, guideByExample, INVITATION, refreshCards, setGuide, stateOf } from "./tasks.js";

/** @import { DrawCard } from "../types.d.ts"
 * @import { Board } from "./board.js" */

const MAX_LINK = 30_000; // characters that mail and chat programs let pass
const LINK_TOAST_MS = 4000;

export const ACTIONS = {
  undo(board) {
    board.input.cancel();
    if (board.raster.undo()) board.finished();
  },
  redo(board) {
    board.input.cancel();
    if (board.raster.redo()) board.finished();
  },
  clear(board) {
    board.input.cancel();
    board.live.forget();
    board.raster.clear();
    board.views.empty(INVITATION);
    board.finished();
  },
  random: drawRandom,
  open(board) { pick(board, (file) => usePicture(board, file)); },
  async card(board) { board.saveCard(board.card.name, [[await pngUrl(board.raster.pixels), "Drawing", board.card.crisp]]); },
};

/** @param {Board} board */
export function listen(board) {
  const { element, studio } = board;
  receiveFiles(studio, (file) => { if (board.card.name) usePicture(board, file); });
  // A link pasted into the address bar of an open studio.
  window.addEventListener("hashchange", () => { if (element.isConnected && decodeLink(location.hash)) begin(board); });
  document.addEventListener("keydown", (event) => {
    const typing = /** @type {Element} */ (event.target).matches?.("input:not([type=range]), textarea, [contenteditable]");
    if (typing || !element.offsetParent || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) ACTIONS.redo(board);
    else ACTIONS.undo(board);
  });
  // Other tabs hand a picture over with: document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task, picture } })),
  // picture being a URL or a file. It becomes an undoable step of that task's drawing, `guide`, a URL, what can lie under it.
  // Without a picture the task is chosen; `model`, a name, is put on show.
  document.addEventListener("studio:draw", (event) => { if (element.isConnected) receive(board, /** @type {CustomEvent} */ (event).detail); });
}

/** @param {Board} board */
async function receive(board, { task, picture, guide, model: wanted }) {
  await refreshCards(board); // the model may have come a moment ago
  const card = board.cards.find((each) => each.name === task);
  if (!card) return;
  /** @type {HTMLElement} */ (document.querySelector("[role=tab][data-tab-id=draw]")).click();
  if (picture) stateOf(board, card).visited = true;
  if (board.card.name !== card.name) await choose(board, card);
  const model = card.models.find((each) => each.name === wanted);
  if (model && !board.views.models.some((each) => each.name === model.name)) chooseModel(board, model.objective === "l1" ? 0 : 1, model.name);
  if (guide) setGuide(board, board.state, { url: guide }, false);
  if (!picture) return;
  await bring(board, board.state, () => pixelsOf(picture, card.background));
  while (!board.paper.offsetParent) await new Promise(requestAnimationFrame); // until the tab has changed
  board.paper.focus({ preventScroll: true }); // what was pressed is out of sight
}

/** Lets a file be chosen.
 * @param {Board} board */
function pick(board, use) {
  const input = board.find(".file");
  board.use = use;
  input.value = "";
  input.click();
}

/** Puts a picture on the canvas if it is of the kind that the task takes. Of a photo an ink task gets the edges; else it is said
 * what is wanted. The picture as it is can be had too.
 * @param {Board} board */
async function usePicture(board, file) {
  const { state } = board;
  let said = "", offer = null;
  const brought = await bring(board, state, async () => {
    const pixels = await read(board, file);
    if (!pixels || isWanted(state.card, pixels)) return pixels;
    offer = { title: "Use it as it is", run: () => bring(board, state, async () => pixels) };
    if (state.card.input === "labels") {
      return board.toast(`${state.card.title} takes ${state.card.subject}, and this looks like something else.`, Infinity, offer);
    }
    board.toast("This looks like a photo. Its edges are being drawn.");
    try {
      said = "This looks like a photo, so its edges were drawn.";
      return await edgesOf(board, file);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return board.toast(error.message, Infinity, offer);
    }
  });
  if (brought && said && state === board.state) board.toast(said, Infinity, offer);
}

/** @param {DrawCard} card
 * @param {Uint32Array} pixels */
function isWanted({ input, palette }, pixels) {
  if (input === "edges") return isDrawing(pixels);
  return input === "any" || isMap(pixels, palette.map((each) => pixelOf(each.color)));
}

/** The edges of a photo, as the Photo tab draws them at first. Throws Refusal.
 * @param {Board} board
 * @param {Blob} file */
async function edgesOf(board, file) {
  const path = await send((await prepare(file)).blob, board.upload);
  const { photo, inner } = await board.call("frame", { path });
  const { drawing } = await board.call("edges", { page: board.page, photo, inner });
  return pixelsOf(drawing, "#ffffff");
}

/** The pixels of a picture, or nothing once it has been said why there are none.
 * @param {Board} board */
async function read(board, file) {
  if (file.size > MAX_FILE) return board.toast("This picture is larger than 20 MB.");
  try {
    return await pixelsOf(file, board.card.background);
  } catch {
    return board.toast("This file is not a picture that your browser can read.");
  }
}

/** Shows or hides the guide; where there is none yet, one is made or chosen.
 * @param {Board} board */
export function toggleGuide(board) {
  const { state } = board;
  if (state.guide) setGuide(board, state, state.guide, !state.guided);
  else if (state.example) guideByExample(board, state);
  else chooseGuide(board);
}

/** @param {Board} board */
export function chooseGuide(board) {
  pick(board, async (file) => {
    const { state } = board;
    if (await read(board, file)) setGuide(board, state, { url: URL.createObjectURL(file) });
  });
}

/** @param {Board} board */
export async function saveInput({ card, raster }) { download(await pngUrl(raster.pixels), `${card.name}-input.png`); }

/** Puts a link that brings everything back into the clipboard and the address bar.
 * @param {Board} board */
export async function share(board) {
  const { card, raster, settings } = board;
  const link = { task: card.name, seed: settings.noise ? settings.seed : null, drawing: await pngUrl(raster.pixels) };
  let fragment = encodeLink(link), note = "";
  for (let quality = 0.9; fragment.length > MAX_LINK && quality > 0; quality -= 0.2) {
    fragment = encodeLink({ ...link, drawing: await jpegUrl(raster.bytes, quality) });
    note = " Its picture is simplified, to fit into a link.";
  }
  history.replaceState(history.state, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    board.toast(`Link copied.${note}`, LINK_TOAST_MS);
  } catch {
    board.toast(`The link is in the address bar.${note}`, LINK_TOAST_MS);
  }
}
