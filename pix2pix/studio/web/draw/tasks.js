// Tasks: which there are, the drawing each keeps, and what the first screen shows.

import { pixelsOf, snap } from "../lib/png.js";
import { pixelOf, Raster } from "../lib/raster.js";
import { decodeLink, dropLink, recall, remember } from "../lib/share.js";

/** @import { DrawCard, TaskState } from "../types.d.ts"
 * @import { Board } from "./board.js" */

export const INVITATION = "Draw something and the models answer here.";
const INK_ERASER = [4, 64, 12]; // thin lines are no width to erase with

/** The task before there is any: the page is laid out by it. @type {DrawCard} */
export const BLANK = {
  name: "", title: "", subject: "something", palette: [{ name: "black", color: "#000000", hint: "" }], color: "black", background: "#ffffff",
  tools: ["pen"], tool: "pen", sizes: [1, 1, 1], crisp: false, labels: false, input: "any", symmetry: false, random: false, firstSeed: 0, picture: null, models: [],
};

/** What a task remembers: its drawing, tool, color, brush size, next random seed, guide, models.
 * @param {Board} board
 * @param {DrawCard} card
 * @returns {TaskState} */
export function stateOf({ states }, card) {
  if (!states.has(card.name)) {
    const { color } = card.palette.find((each) => each.name === card.color) ?? card.palette[0];
    states.set(card.name, {
      card, raster: new Raster(card.background), tool: card.tool, color, size: card.sizes[2], eraser: INK_ERASER[2],
      symmetric: false, next: card.firstSeed, example: null, guide: null, guided: false, chosen: [], visited: false,
    });
  }
  return Object.assign(states.get(card.name), { card });
}

/** Smallest, largest and chosen size of a tool.
 * @param {TaskState} state
 * @param {string} tool */
export function sizesOf({ card, size, eraser }, tool) {
  return tool === "eraser" && !card.crisp ? [INK_ERASER[0], INK_ERASER[1], eraser] : [card.sizes[0], card.sizes[1], size];
}

/** What changes with a color: an eraser is laid down, and lines get the width that the models know of this label.
 * @param {TaskState} state
 * @param {DrawCard["palette"][number]} label */
export function withColor({ card, tool, size }, label) {
  return { color: label.color, tool: tool === "eraser" ? card.tool : tool, size: label.size ?? size };
}

/** The two models on show: those chosen by hand, else the task's own. A place whose model is gone gets its own back.
 * @param {TaskState} state */
function modelsOf({ card, chosen }) {
  return card.models.slice(0, 2).map((own, place) => card.models.find((each) => each.name === chosen[place]) ?? own);
}

/** Puts a model in a place: 0 is left, 1 right.
 * @param {Board} board */
export function chooseModel(board, place, name) {
  board.state.chosen[place] = name;
  board.live.forget();
  board.views.setModels(modelsOf(board.state));
  board.live.changed();
}

/** Puts a task's own drawing, tools and models on the board.
 * @param {Board} board
 * @param {DrawCard} card */
export async function choose(board, card) {
  board.input.cancel();
  board.live.forget();
  if (board.offer) board.toast("");
  board.studio.dataset.state = "working";
  const state = board.state = stateOf(board, card);
  remember("last task", card.name);
  const fresh = !state.raster.canUndo && state.raster.isBlank && !state.visited;
  state.visited = true;
  board.input.resetZoom();
  board.views.setModels(modelsOf(state));
  board.paint();
  const strip = board.find(".cards"), chosen = board.find(".card[aria-pressed=true]");
  strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft - (strip.clientWidth - chosen.clientWidth) / 2;
  if (fresh && (await restore(board, state))) return;
  if (fresh && card.random) await drawRandom(board);
  else board.live.changed();
}

/** Brings back what was drawn here before the page was reloaded; whether there was anything.
 * @param {Board} board
 * @param {TaskState} state */
async function restore(board, state) {
  const drawing = recall(state.card.name);
  if (!drawing) return false;
  try {
    await bring(board, state, () => pixelsOf(drawing, state.card.background));
    return true;
  } catch {
    return false; // what was kept is damaged: start as on a first visit
  }
}

/** @param {Board} board */
export async function drawRandom(board) {
  const { state } = board;
  let example = null;
  const brought = await bring(board, state, async () => {
    const answer = await board.server.random({ task: state.card.name, seed: state.next++ });
    if (answer.error) return board.toast(answer.error);
    example = answer.drawing;
    return pixelsOf(example, state.card.background);
  });
  if (!brought) return;
  state.example = example;
  if (state.guide?.example) await guideByExample(board, state);
}

/** Lays what the full model makes of the example that the drawing began as under it.
 * @param {Board} board
 * @param {TaskState} state */
export async function guideByExample(board, state) {
  const { example } = state;
  const answer = await board.server.translate({ task: state.card.name, drawing: example });
  if (state.example !== example) return; // another one came meanwhile
  if (answer.error) return board.toast(answer.error);
  setGuide(board, state, { url: Object.values(answer.pictures).at(-1), example: true }, state.guided || !state.guide);
}

/** Lays a faint picture under a task's drawing, to trace: { url, example }.
 * @param {Board} board
 * @param {TaskState} state */
export function setGuide(board, state, guide, shown = true) {
  Object.assign(state, { guide, guided: shown });
  board.render();
}

/** Replaces a task's drawing as one undoable step by the pixels that `find()` gives, if any. Nothing is replaced where the
 * drawing was changed in the meantime, or something else was asked for: the newest wish counts. Whether it was replaced.
 * @param {Board} board
 * @param {TaskState} state
 * @param {() => Promise<Uint32Array | void>} find */
export async function bring(board, state, find) {
  const asked = ++state.raster.changes;
  const pixels = await find();
  if (!pixels || state.raster.changes !== asked) return false;
  put(board, state, pixels);
  return true;
}

/** @param {Board} board
 * @param {TaskState} state
 * @param {Uint32Array} pixels */
function put(board, state, pixels) {
  if (state === board.state) board.input.cancel();
  const palette = state.card.palette.map((each) => pixelOf(each.color));
  state.raster.replace(state.card.labels ? snap(pixels, palette) : pixels);
  if (state === board.state) board.finished();
}

/** Looks which models there are; why that is not known, if so.
 * @param {Board} board
 * @returns {Promise<string | void>} */
export async function refreshCards(board) {
  const answer = await board.server.catalog({ version: board.version });
  if (!answer.tasks) return answer.error;
  board.cards = answer.tasks;
  board.spreads.clear();
  board.version = answer.version;
  const same = board.cards.find((card) => card.name === board.card.name);
  if (!board.cards.length) {
    board.studio.dataset.state = "none";
  } else if (!same) {
    await begin(board);
  } else {
    board.state.card = same;
    board.views.setModels(modelsOf(board.state));
    board.live.changed();
  }
}

/** Changes to a task by its card.
 * @param {Board} board */
export function chooseByHand(board, card) {
  if (board.card.name === card.name) return;
  dropLink();
  choose(board, card);
}

/** The first screen: what a link asks for, else the task before a reload, else the first that has a finished drawing to show.
 * @param {Board} board */
export async function begin(board) {
  const { cards, settings } = board;
  const link = decodeLink(location.hash);
  const card = cards.find((each) => each.name === link?.task);
  if (!card) {
    if (link) board.toast("The model this link was made with is not installed here.");
    const last = recall("last task");
    return choose(board, cards.find((each) => each.name === last) ?? cards.find((each) => each.random) ?? cards[0]);
  }
  settings.noise = link.seed !== null;
  settings.seed = link.seed ?? 0;
  board.typed = String(settings.seed);
  try {
    const state = stateOf(board, card);
    state.visited = true;
    await bring(board, state, () => pixelsOf(link.drawing, card.background));
  } catch {
    board.toast("The drawing in this link is damaged.");
  }
  return choose(board, card);
}
