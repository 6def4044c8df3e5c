// Task cards: which models there are, the drawing each task keeps, and what the first screen shows.

import { taskCard } from "../components/task-card.js";
import { pixelsOf, snap } from "../lib/png.js";
import { poll } from "../lib/poll.js";
import { pixelOf, Raster } from "../lib/raster.js";
import { decodeLink, dropLink, recall, remember } from "../lib/share.js";
import { INK_ERASER, refreshAll } from "./controls.js";
import { guideByExample } from "./guide.js";

/** @import { DrawCard, TaskState } from "../types.d.ts"
 * @import { Board } from "./board.js" */

const REFRESH = 5_000;

/** What a task remembers: its drawing, tool, color, brush size, next random seed, guide, models.
 * @param {Board} board
 * @param {DrawCard} card
 * @returns {TaskState} */
export function stateOf(board, card) {
  if (!board.states.has(card.name)) {
    const color = card.palette.find((each) => each.name === card.color) ?? card.palette[0];
    board.states.set(card.name, {
      raster: new Raster(card.background), tool: card.tool, color: color.color, size: card.sizes[2], eraser: INK_ERASER[2],
      symmetric: false, next: card.firstSeed, example: null, guide: null, guided: false, chosen: [], visited: false,
    });
  }
  return Object.assign(board.states.get(card.name), { card });
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
  refreshAll(board);
  board.live.changed();
}

/** Puts a task's own drawing, tools and models on the board.
 * @param {Board} board
 * @param {DrawCard} card */
export async function choose(board, card) {
  board.input.cancel();
  board.live.forget();
  board.studio.dataset.state = "working";
  const state = board.state = stateOf(board, card);
  remember("last task", card.name);
  const fresh = !state.raster.canUndo && state.raster.isBlank && !state.visited;
  state.visited = true;
  board.input.resetZoom();
  board.views.setModels(modelsOf(state));
  board.empty("");
  board.paint();
  refreshAll(board);
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
    await put(board, state, await pixelsOf(drawing, state.card.background));
    return true;
  } catch {
    return false; // what was kept is damaged: start as on a first visit
  }
}

/** @param {Board} board */
export async function drawRandom(board) {
  const { state } = board;
  const answer = await board.server.random({ task: state.card.name, seed: state.next++ });
  if (answer.error) return board.toast(answer.error);
  state.example = answer.drawing;
  await put(board, state, await pixelsOf(answer.drawing, state.card.background));
  if (state.guide?.example) await guideByExample(board, state);
}

/** Replaces a task's drawing as one undoable step.
 * @param {Board} board
 * @param {TaskState} state
 * @param {Uint32Array} pixels */
export async function put(board, state, pixels) {
  if (state === board.state) board.input.cancel();
  const palette = state.card.palette.map((each) => pixelOf(each.color));
  state.raster.replace(state.card.labels ? snap(pixels, palette) : pixels);
  if (state === board.state) board.finished();
}

/** @param {Board} board */
export async function refreshCards(board) {
  const answer = await board.server.catalog({ version: board.version });
  if (answer.tasks === null) return;
  const cards = board.cards = answer.tasks;
  board.version = answer.version;
  board.$(".cards").replaceChildren(...cards.map((card) => taskCard(card, `Draw ${card.subject}`, () => {
    if (board.state?.card.name === card.name) return;
    dropLink();
    choose(board, card);
  })));
  const same = cards.find((card) => card.name === board.state?.card.name);
  if (!cards.length) {
    board.studio.dataset.state = "none";
  } else if (!same) {
    await begin(board);
  } else {
    board.state.card = same;
    board.views.setModels(modelsOf(board.state));
    refreshAll(board);
    board.live.changed();
  }
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
  try {
    const pixels = await pixelsOf(link.drawing, card.background);
    const state = stateOf(board, card);
    state.visited = true;
    state.raster.replace(pixels);
  } catch {
    board.toast("The drawing in this link is damaged.");
  }
  return choose(board, card);
}

/** Looks for new models now and then: one that train.py adds appears by itself.
 * @param {Board} board */
export function watchCatalog(board) {
  const look = async () => {
    const failed = await refreshCards(board).then(() => false, () => true);
    if (failed !== board.lost) board.toast(failed ? "The server cannot be reached. Trying again." : "");
    board.lost = failed;
  };
  return poll(board.element, look, () => (board.state && !board.lost ? REFRESH : 1000));
}
