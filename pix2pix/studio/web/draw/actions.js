// What happens on clicks, keys and pasted pictures.

import { pixelsOf } from "../lib/png.js";
import { decodeLink } from "../lib/share.js";
import { INVITATION } from "./board.js";
import { begin, choose, chooseModel, drawRandom, put, refreshCards, stateOf } from "./cards.js";
import { changeSetting, refreshSettings, refreshTool } from "./controls.js";
import { guideByExample, setGuide } from "./guide.js";

/** @import { Board } from "./board.js" */

const MAX_FILE = 20_000_000;

/** What buttons with `data-do` do. */
const ACTIONS = {
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
    board.empty(INVITATION);
    board.finished();
  },
  random: drawRandom,
  open(board) { pickFile(board, usePicture); },
};

/** @param {Board} board */
export function listenToActions(board) {
  listenToButtons(board);
  listenToSettings(board);
  listenToGuide(board);
  listenToKeys(board);
  listenToPictures(board);
  // A link pasted into the address bar of an open studio.
  window.addEventListener("hashchange", () => { if (board.element.isConnected && decodeLink(location.hash)) begin(board); });
}

/** @param {Board} board */
function listenToButtons(board) {
  for (const button of board.all("[data-do]")) button.addEventListener("click", () => board.state && ACTIONS[button.dataset.do](board));
  board.$(".unzoom").addEventListener("click", () => board.input.resetZoom());
  board.$(".symmetry").addEventListener("click", () => {
    board.state.symmetric = !board.state.symmetric;
    refreshSettings(board);
  });
  board.$(".pressure").addEventListener("click", () => {
    board.settings.pressure = !board.settings.pressure;
    refreshSettings(board);
  });
  board.$(".size input").addEventListener("input", (event) => {
    const { state } = board;
    state[state.tool === "eraser" && !state.card.crisp ? "eraser" : "size"] = event.target.valueAsNumber;
    refreshTool(board);
  });
}

/** @param {Board} board */
function listenToSettings(board) {
  const { $, all, settings } = board;
  for (const select of all(".picks select")) select.addEventListener("change", () => chooseModel(board, select.dataset.place, select.value));
  for (const button of all("[data-norm]")) button.addEventListener("click", () => changeSetting(board, { norm: button.dataset.norm }));
  $(".show-scores").addEventListener("click", () => changeSetting(board, { patchScores: !settings.patchScores }));
  $(".noise").addEventListener("click", () => changeSetting(board, { noise: !settings.noise }));
  $(".seed input").addEventListener("input", (event) => {
    const seed = event.target.valueAsNumber;
    if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) changeSetting(board, { seed, noise: true });
  });
  $(".another").addEventListener("click", () => {
    const seed = Math.floor(Math.random() * 100_000);
    $(".seed input").value = seed;
    changeSetting(board, { seed, noise: true });
  });
}

/** @param {Board} board */
function listenToGuide(board) {
  board.$(".guide-toggle").addEventListener("click", () => {
    const { state } = board;
    if (state.guide) setGuide(board, state, state.guide, !state.guided);
    else if (state.example) guideByExample(board, state);
    else pickFile(board, useGuide);
  });
  board.$(".guide-pick").addEventListener("click", () => pickFile(board, useGuide));
}

/** @param {Board} board */
function listenToKeys(board) {
  document.addEventListener("keydown", (event) => {
    const typing = /** @type {Element} */ (event.target).matches?.("input:not([type=range]), textarea, [contenteditable]");
    if (!board.state || typing || !board.element.offsetParent || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) ACTIONS.redo(board);
    else ACTIONS.undo(board);
  });
}

/** @param {Board} board */
function listenToPictures(board) {
  const { paper } = board;
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (board.state && file && board.element.offsetParent) usePicture(board, file);
  });
  paper.addEventListener("dragover", (event) => event.preventDefault());
  paper.addEventListener("drop", (event) => {
    event.preventDefault();
    if (board.state && event.dataTransfer.files[0]) usePicture(board, event.dataTransfer.files[0]);
  });
  // Other tabs hand a picture over with: document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task, picture } })),
  // picture being a URL or a file. It becomes an undoable step of that task's drawing, `guide`, a URL, what can lie under it.
  // Without a picture the task is chosen; `model`, a name, is put on show.
  document.addEventListener("studio:draw", (event) => {
    if (board.element.isConnected) receive(board, /** @type {CustomEvent} */ (event).detail);
  });
}

/** @param {Board} board */
async function receive(board, { task, picture, guide, model: wanted }) {
  await refreshCards(board).catch(() => {}); // the model may have come a moment ago
  const card = board.cards.find((each) => each.name === task);
  if (!card) return;
  /** @type {HTMLElement} */ (document.querySelector("[role=tab][data-tab-id=draw]")).click();
  if (picture) stateOf(board, card).visited = true;
  if (board.state.card.name !== card.name) await choose(board, card);
  const model = card.models.find((each) => each.name === wanted);
  if (model && !board.views.models.some((each) => each.name === model.name)) chooseModel(board, model.objective === "l1" ? 0 : 1, model.name);
  if (guide) setGuide(board, board.state, { url: guide }, false);
  if (!picture) return;
  await put(board, board.state, await pixelsOf(picture, card.background));
  while (!board.paper.offsetParent) await new Promise(requestAnimationFrame); // until the tab has changed
  board.paper.focus({ preventScroll: true }); // what was pressed is out of sight
}

/** Lets a file be chosen, for `use(board, file)`.
 * @param {Board} board */
function pickFile(board, use) {
  const input = board.$(".file");
  input.value = "";
  input.onchange = () => { if (board.state && input.files[0]) use(board, input.files[0]); };
  input.click();
}

/** @param {Board} board */
async function usePicture(board, file) {
  const { state } = board;
  const pixels = await read(board, file);
  if (pixels) await put(board, state, pixels);
}

/** @param {Board} board */
async function useGuide(board, file) {
  const { state } = board;
  if (await read(board, file)) setGuide(board, state, { url: URL.createObjectURL(file) });
}

/** The pixels of a picture, or nothing once it has been said why there are none.
 * @param {Board} board */
async function read({ state, toast }, file) {
  if (file.size > MAX_FILE) return toast("This picture is larger than 20 MB.");
  try {
    return await pixelsOf(file, state.card.background);
  } catch {
    return toast("This file is not a picture that your browser can read.");
  }
}
