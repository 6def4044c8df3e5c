// What the Draw tab shows: always drawn from what the board knows, never the other way round.

import { icon, saveMenu, segments, SIGNS, taskCards, toggle } from "../components/controls.js";
import { html } from "../vendor/htm-preact.js";
import { ACTIONS, chooseGuide, saveInput, share, toggleGuide } from "./actions.js";
import { chooseByHand, chooseModel, sizesOf, withColor } from "./tasks.js";

/** @import { Board } from "./board.js" */

const TOOLS = {
  pen: ["Pen", "Draw freely.", SIGNS.pen],
  eraser: ["Eraser", "Put the background back.", "M8 16 3.5 11.5 11.5 3.5 16.5 8.5 9 16zM7 8l5 5M8 16h9"],
  line: ["Line", "Drag from end to end.", "M4 16 16 4"],
  rectangle: ["Rectangle", "Drag from corner to corner.", "M3.5 5h13v10h-13z"],
  fill: ["Fill", "Click an area to recolor all of it.", "M9 3l6.5 6.5-6 6L3 9l6-6zM3.5 9h12M17 13c1 1.5 1.3 2 1.3 2.6a1.3 1.3 0 0 1-2.6 0c0-.6.3-1.1 1.3-2.6z"],
};
const STEPS = [
  ["undo", "Undo", "Undo (Ctrl+Z)", "M7.5 4 4 7.5 7.5 11M4 7.5h7.5a4.5 4.5 0 0 1 0 9H8"],
  ["redo", "Redo", "Redo (Ctrl+Shift+Z)", "M12.5 4 16 7.5 12.5 11M16 7.5H8.5a4.5 4.5 0 0 0 0 9H12"],
  ["clear", "Clear", "Clear the canvas; undo brings it back", "M4 6h12M8 6V4h4v2M6 6l.7 10.5h6.6L14 6M8.7 9v4.5M11.3 9v4.5"],
];
const VISIBLE = 2; // of 255 on average: what two seeds have to change to be seen
const NORMS = [["", "As trained"], ["image", "This picture's"], ["running", "Training set's"]];
const BATCH_NORM = "The paper normalizes with the statistics of the picture itself, in tests as in training; the running averages of training are the usual habit elsewhere.";
const INSTANCE_NORM = "The paper normalizes each picture by its own statistics. These models use instance norm, which always does so: the choice changes nothing.";

/** @param {Board} board */
export function view(board) {
  return html`
    ${taskCards(board.cards, board.card.name, (card) => chooseByHand(board, card), (card) => `Draw ${card.subject}`)}
    <div class="stage">${drawing(board)}${board.views.results()}${tools(board)}${controls(board)}</div>`;
}

/** The canvas. Its sheet, ring and what is written on it belong to the pen.
 * @param {Board} board */
function drawing(board) {
  const { card, guide, guided } = board.state;
  return html`<section class="panel drawing" aria-label="Your drawing">
    <header><h2>Your drawing</h2>
      <div class="group starts" role="group" aria-label="Inputs">
        <button type="button" class="chip small" title="A new input, ready to change" hidden=${!card.random} onclick=${() => ACTIONS.random(board)}>
          ${icon(SIGNS.random)}Random</button>
        <button type="button" class="chip small" title="Put a picture from your device on the canvas; pasting one works too" onclick=${() => ACTIONS.open(board)}>
          ${icon(SIGNS.upload)}Upload</button>
      </div>
    </header>
    <div class="square">
      <div class="sheet">
        <canvas class="paper" width="256" height="256" tabindex="0" role="img"
          aria-label="Drawing canvas. Arrow keys move the crosshair, the space bar puts the tool down and lifts it." />
        <img class="guide" alt="" src=${guide?.url} hidden=${!guided} />
        <i class="ring" />
      </div>
      <p class="invitation" hidden>Draw ${card.subject}${card.random ? ", or press Random" : ""}.</p>
      <button type="button" class="unzoom chip" hidden onclick=${() => board.input.resetZoom()}>Whole picture</button>
    </div>
  </section>`;
}

/** @param {Board} board */
function tools(board) {
  const { state, settings, raster, hasPen } = board;
  const { card, tool, color } = state;
  const [least, most, size] = sizesOf(state, tool), inkEraser = tool === "eraser" && !card.crisp;
  const resize = (event) => board.changeTool({ [inkEraser ? "eraser" : "size"]: event.target.valueAsNumber });
  const canDo = { undo: raster.canUndo, redo: raster.canRedo, clear: true };
  return html`<section class="tools" aria-label="Drawing tools">
    <div class="row">
      <div class="group instruments" role="group" aria-label="Tool">${card.tools.map((name) => html`
        <button key=${name} type="button" title=${TOOLS[name][0]} aria-label=${TOOLS[name][0]} aria-pressed=${name === tool}
          onclick=${() => board.changeTool({ tool: name })}>${icon(TOOLS[name][2])}</button>`)}</div>
      <div class="group steps" role="group" aria-label="History">${STEPS.map(([name, label, title, path]) => html`
        <button type="button" aria-label=${label} title=${title} disabled=${!canDo[name]} onclick=${() => ACTIONS[name](board)}>${icon(path)}</button>`)}</div>
    </div>
    <p class="help tool-help" aria-live="polite">${toolHelp(state)}</p>
    <div class="palette" role="group" aria-label="Color" hidden=${card.palette.length < 2}>${card.palette.map((label) => html`
      <button key=${label.name} type="button" class="swatch" title=${label.hint ? `${label.name}: ${label.hint}` : label.name} style=${{ "--color": label.color }}
        aria-pressed=${label.color === color && tool !== "eraser"}
        onclick=${() => board.changeTool(withColor(board.state, label))}>${label.name}</button>`)}</div>
    <div class="row brush">
      <label class="size">Brush <input type="range" aria-label="Brush size in pixels" min=${least} max=${most}
        step=${card.crisp || inkEraser ? 1 : 0.5} value=${size} oninput=${resize} /><output>${size} px</output></label>
      ${toggle("pressure", "Pressure", settings.pressure, () => { settings.pressure = !settings.pressure; board.render(); }, "Press harder for thicker lines", !hasPen)}
      ${toggle("symmetry", "Symmetry", state.symmetric, () => board.changeTool({ symmetric: !state.symmetric }), "Everything drawn is drawn mirrored too", !card.symmetry)}
      ${toggle("guide-toggle", "Guide", state.guided, () => toggleGuide(board), "A faint picture to trace; the models do not see it")}
      <button type="button" class="chip guide-pick" hidden=${!state.guided} onclick=${() => chooseGuide(board)}>Choose its picture</button>
    </div>
    <p class="help brush-help">${brushHelp(card, hasPen)}</p>
    <p class="help">Random brings a ready drawing to change; Upload puts in a picture of yours<span class="by-mouse">, as do Ctrl+V and dropping one</span>.</p>
    <input class="file" type="file" accept="image/*" hidden onchange=${(event) => { if (event.target.files[0]) board.use(event.target.files[0]); }} />
  </section>`;
}

function toolHelp({ card, tool, color }) {
  const label = card.palette.find((each) => each.color === color);
  const about = tool !== "eraser" && label?.hint ? ` ${label.name[0].toUpperCase()}${label.name.slice(1)}: ${label.hint}.` : "";
  return TOOLS[tool][1] + about;
}

function brushHelp(card, hasPen) {
  return [
    card.crisp ? "Hard edges, as in training." : "Thin lines of 1 to 2 pixels, as in training.",
    hasPen && "Pressure: the harder the pen is pressed, the thicker it draws.",
    card.symmetry && "Symmetry draws everything mirrored too.",
    "Guide lays a faint picture under yours to trace; the models do not see it.",
  ].filter(Boolean).join(" ");
}

/** @param {Board} board */
function controls(board) {
  const { card, settings, views } = board;
  const dull = hardlyDepends(board), judged = settings.patchScores && !views.comparing;
  const saves = [["Input", () => saveInput(board)], ...board.pictureItems(), ["Card with all three", () => ACTIONS.card(board)]];
  return html`<section class="controls" aria-label="Results">
    <div class="row">
      ${views.choice()}
      ${toggle("show-scores", "Critic's view", judged, () => showScores(board, !judged), "", !views.hasDiscriminator)}
      <span class="grow" />
      ${board.status()}
    </div>
    <p class="help view-help" aria-live="polite">${views.help()}</p>
    ${card.models.length > 2 && html`<div class="row picks">${["Left", "Right"].map((side, place) => html`
      <label>${side} <select value=${views.models[place]?.name} onchange=${(event) => chooseModel(board, place, event.target.value)}>
        ${card.models.map(({ name }) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>`)}</div>
      <p class="help picks-help">Any two of this task's models, side by side.</p>`}
    <div class="row">
      ${toggle("noise", "Noise", settings.noise, () => board.changeSetting({ noise: !settings.noise }))}
      <label class="seed" hidden=${dull && !settings.noise}>seed <input type="number" min="0" max="2147483647" step="1" value=${board.typed} aria-label="Noise seed"
        oninput=${(event) => typeSeed(board, event.target)} /></label>
      <button type="button" class="chip another" hidden=${dull && !settings.noise} onclick=${() => drawSeed(board)}>Another one</button>
      <span class="grow" />
      <div class="group">
        ${saveMenu(saves)}
        <button type="button" class="chip share" title="A link that restores task, drawing and seed" onclick=${() => share(board)}>Share</button>
      </div>
    </div>
    <div class="row pair"><p class="help noise-help">${noiseHelp(board)}</p>
      <p class="help">Save as PNG; share a link that brings everything back.</p></div>
    <details class="advanced"><summary>Advanced</summary>
      <div class="row"><span>Norm statistics</span>${segments("norm", "Norm statistics", NORMS, settings.norm, (norm) => board.changeSetting({ norm }))}</div>
      <p class="help norm-help">${views.models.some((model) => model.norm === "batch") ? BATCH_NORM : INSTANCE_NORM}</p>
    </details>
  </section>`;
}

/** Shows what the critic makes of the pictures: of both, so side by side.
 * @param {Board} board */
function showScores(board, on) {
  if (on) board.views.sideBySide();
  board.changeSetting({ patchScores: on });
}

/** Whether no model on show makes pictures of two seeds that can be told apart, as far as that was measured.
 * @param {Board} board */
function hardlyDepends({ views, spreads }) {
  const known = views.models.map(({ name }) => spreads.get(name) ?? Infinity);
  return known.length > 0 && Math.max(...known) < VISIBLE;
}

/** @param {Board} board */
function noiseHelp(board) {
  const { views, spreads } = board;
  const known = views.models.map(({ name }) => spreads.get(name) ?? null);
  if (!known.length || known.includes(null)) return "Noise is dropout in the decoder, the paper's z; the same seed gives the same picture.";
  const most = Math.max(...known).toFixed(1);
  if (hardlyDepends(board)) return `These models hardly use their noise: two seeds differ by ${most} of 255, which nobody sees.`;
  const each = known.map((spread, place) => `${spread.toFixed(1)}${known.length > 1 ? ` (${views.titleOf(place)})` : ""}`).join(" and ");
  return `Another seed changes the picture by ${each} of 255 on average; the same seed gives the same picture.`;
}

/** @param {Board} board */
function typeSeed(board, { value, valueAsNumber: seed }) {
  board.typed = value;
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) board.changeSetting({ seed, noise: true });
}

/** @param {Board} board */
function drawSeed(board) {
  const seed = Math.floor(Math.random() * 100_000);
  board.typed = String(seed);
  board.changeSetting({ seed, noise: true });
}
