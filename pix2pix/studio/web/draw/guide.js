// A faint picture under the drawing, to trace.

import { press } from "../lib/dom.js";

/** @import { TaskState } from "../types.d.ts"
 * @import { Board } from "./board.js" */

/** What the full model makes of the example that the drawing began as.
 * @param {Board} board
 * @param {TaskState} state */
export async function guideByExample(board, state) {
  const answer = await board.server.translate({ task: state.card.name, drawing: state.example });
  if (answer.error) return board.toast(answer.error);
  setGuide(board, state, { url: Object.values(answer.pictures).at(-1), example: true }, state.guided || !state.guide);
}

/** `guide` is { url, example }.
 * @param {Board} board
 * @param {TaskState} state */
export function setGuide(board, state, guide, shown = true) {
  Object.assign(state, { guide, guided: shown });
  refreshGuide(board);
}

/** @param {Board} board */
export function refreshGuide({ $, state }) {
  const guide = $(".guide");
  guide.hidden = $(".guide-pick").hidden = !state.guided;
  if (state.guide) guide.src = state.guide.url;
  press($(".guide-toggle"), state.guided);
}
