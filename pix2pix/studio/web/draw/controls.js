// What the controls show: always drawn from the state, never the other way round.

import { press } from "../lib/dom.js";
import { refreshGuide } from "./guide.js";

/** @import { TaskState } from "../types.d.ts"
 * @import { Board } from "./board.js" */

const TOOLS = {
  pen: ["Pen", "Draw freely.", "M4 16l1-4 8.500-8.500 3 3L8 15l-4 1zM12 5l3 3"],
  eraser: ["Eraser", "Put the background back.", "M8 16 3.500 11.500 11.500 3.500 16.500 8.500 9 16zM7 8l5 5M8 16h9"],
  line: ["Line", "Drag from end to end.", "M4 16 16 4"],
  rectangle: ["Rectangle", "Drag from corner to corner.", "M3.500 5h13v10h-13z"],
  fill: ["Fill", "Click an area to recolor all of it.", "M9 3l6.500 6.500-6 6L3 9l6-6zM3.500 9h12M17 13c1 1.500 1.300 2 1.300 2.600a1.300 1.300 0 0 1-2.600 0c0-.6.3-1.100 1.300-2.600z"],
};

export const INK_ERASER = [4, 64, 12]; // thin lines are no width to erase with

/** Smallest, largest and chosen size of a tool.
 * @param {TaskState} state
 * @param {string} tool */
export function sizesOf({ card, size, eraser }, tool) {
  return tool === "eraser" && !card.crisp ? [INK_ERASER[0], INK_ERASER[1], eraser] : [card.sizes[0], card.sizes[1], size];
}

/** Draws everything anew.
 * @param {Board} board */
export function refreshAll(board) {
  const { $, all, studio, views, settings } = board;
  const { card } = board.state;
  for (const each of all(".card")) press(each, each.dataset.task === card.name);
  const strip = $(".cards"), chosen = $(".card[aria-pressed=true]");
  strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft - (strip.clientWidth - chosen.clientWidth) / 2;
  $(".invitation").textContent = `Draw ${card.subject}${card.random ? ", or press Random" : ""}.`;
  studio.dataset.crisp = card.crisp;
  $(".instruments").replaceChildren(...card.tools.map((name) => toolButton(board, name)));
  $(".palette").replaceChildren(...card.palette.map((label) => swatch(board, label)));
  $(".palette").hidden = card.palette.length < 2;
  $(".symmetry").hidden = !card.symmetry;
  $("[data-do=random]").hidden = !card.random;
  $(".show-scores").hidden = !views.hasDiscriminator;
  $(".seed input").value = settings.seed;
  $(".norm-help").textContent = normHelp(views);
  const grain = views.models.some((model) => model.grain) ? ", and the grain of textures" : "";
  $(".noise-help").textContent = `Noise is dropout in the decoder, the paper's z${grain}; the same seed gives the same picture.`;
  refreshPicks(board);
  const [first, second] = all("[data-save=first], [data-save=second]");
  first.textContent = views.titleOf(0);
  second.textContent = views.titleOf(1);
  second.hidden = !views.titleOf(1);
  refreshTool(board);
  refreshSteps(board);
  refreshSettings(board);
  refreshGuide(board);
}

/** @param {Board} board */
function toolButton(board, name) {
  const [title, , path] = TOOLS[name];
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.tool = name;
  button.title = title;
  button.setAttribute("aria-label", title);
  button.innerHTML = `<svg viewBox="0 0 20 20"><path d="${path}"/></svg>`;
  button.addEventListener("click", () => {
    board.state.tool = name;
    refreshTool(board);
  });
  return button;
}

/** @param {Board} board */
function swatch(board, { name, color, hint }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "swatch";
  button.dataset.color = color;
  button.title = hint ? `${name}: ${hint}` : name;
  button.style.setProperty("--color", color);
  button.textContent = name;
  button.addEventListener("click", () => {
    const { state } = board;
    state.color = color;
    if (state.tool === "eraser") state.tool = state.card.tool;
    refreshTool(board);
  });
  return button;
}

/** @param {Board} board */
export function refreshTool({ $, all, state, hasPen }) {
  const { card, tool, color } = state;
  for (const each of all("[data-tool]")) press(each, each.dataset.tool === tool);
  for (const each of all("[data-color]")) press(each, each.dataset.color === color && tool !== "eraser");
  const label = card.palette.find((each) => each.color === color);
  const about = tool !== "eraser" && label?.hint ? ` ${capital(label.name)}: ${label.hint}.` : "";
  $(".tool-help").textContent = TOOLS[tool][1] + about;
  const [least, most, size] = sizesOf(state, tool);
  Object.assign($(".size input"), { min: least, max: most, step: card.crisp || tool === "eraser" ? 1 : 0.5, value: size });
  $(".size output").textContent = `${size} px`;
  $(".brush-help").textContent = [
    card.crisp ? "Hard edges, as in training." : "Thin lines of 1 to 2 pixels, as in training.",
    hasPen && "Pressure: the harder the pen is pressed, the thicker it draws.",
    card.symmetry && "Symmetry draws everything mirrored too.",
    "Guide lays a faint picture under yours to trace; the models do not see it.",
  ].filter(Boolean).join(" ");
}

function capital(text) { return text[0].toUpperCase() + text.slice(1); }

/** @param {Board} board */
export function refreshSteps({ $, raster }) {
  $("[data-do=undo]").disabled = !raster.canUndo;
  $("[data-do=redo]").disabled = !raster.canRedo;
}

/** @param {Board} board */
export function refreshSettings({ $, all, state, settings, hasPen, studio, views }) {
  press($(".noise"), settings.noise);
  press($(".show-scores"), settings.patchScores);
  press($(".symmetry"), state.symmetric);
  press($(".pressure"), settings.pressure);
  $(".pressure").hidden = !hasPen;
  for (const each of all("[data-norm]")) press(each, each.dataset.norm === settings.norm);
  studio.classList.toggle("scored", settings.patchScores && views.hasDiscriminator);
}

/** Where a task has more models than places, each place has a choice.
 * @param {Board} board */
function refreshPicks({ $, all, state, views }) {
  const { models } = state.card;
  $(".picks").hidden = $(".picks-help").hidden = models.length <= 2;
  for (const select of all(".picks select")) {
    select.replaceChildren(...models.map((model) => new Option(model.name)));
    select.value = views.models[select.dataset.place]?.name ?? "";
  }
}

function normHelp(views) {
  if (views.models.some((model) => model.norm === "batch")) return "The paper normalizes with the statistics of the picture itself, in tests as in training; the running averages of training are the usual habit elsewhere.";
  return "The paper normalizes each picture by its own statistics. These models use instance norm, which always does so: the choice changes nothing.";
}

/** @param {Board} board */
export function changeSetting(board, changes) {
  Object.assign(board.settings, changes);
  refreshSettings(board);
  board.live.changed();
}
