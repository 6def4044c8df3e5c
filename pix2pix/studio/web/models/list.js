// The list of models, on the left.

import { icon, SIGNS } from "../components/controls.js";
import { html } from "../vendor/htm-preact.js";
import { isActive, pullRow } from "./adding.js";
import { stateOf } from "./training.js";

/** @import { ModelsTab } from "./tab.js" */

const WARNING = "M10 6v5m0 3v.5M3 17h14L10 3z";

/** @param {ModelsTab} tab */
export function list(tab) {
  const { chosen, models, pulls, runs } = tab;
  const usable = models.filter((model) => !model.reason), broken = models.filter((model) => model.reason);
  const arriving = chosen.pane === "adding" ? [] : pulls?.filter(isActive) ?? [];
  const model = (each) => row(tab, "model", each, modelRow(each)), run = (each) => row(tab, "run", each, runRow(each));
  return html`<nav class="stock" aria-label="Models">
    <div class="row stock-head"><h2>Models</h2><span class="grow" />
      <button type="button" class="chip small add" aria-pressed=${chosen.pane === "adding"} onclick=${() => tab.showAdding()}>${icon("M10 4v12M4 10h12")}Add a model</button></div>
    <p class="help lead">Everything in the checkpoints folder. What train.py or a pull adds appears by itself.</p>
    ${section("running", "Training", runs.filter((each) => each.state !== "stopped").map(run))}
    ${section("arriving", "On their way here", arriving.map((pull) => pullRow(tab, pull)))}
    ${section("usable", "", usable.map(model))}
    <p class="none" hidden=${tab.version === null || usable.length > 0}>No model is installed yet. Add a public one, or train your own: <code>python train.py --data PAIRS --task NAME</code></p>
    ${section("unusable", "Cannot be used", broken.map(model))}
    ${section("halted", "Trainings that stopped", runs.filter((each) => each.state === "stopped").map(run))}
  </nav>`;
}

function section(kind, title, rows) {
  return rows.length > 0 && html`<section class=${kind}>${title && html`<h3>${title}</h3>`}<ul>${rows}</ul></section>`;
}

/** @param {ModelsTab} tab */
function row(tab, pane, { name }, contents) {
  const current = tab.chosen.pane === pane && tab.chosen.name === name;
  return html`<li key=${name} data-key=${name}><button type="button" class="item" aria-current=${current ? "true" : null}
    onclick=${() => (pane === "run" ? tab.showRun(name) : tab.showModel(name))}>${contents}</button></li>`;
}

function modelRow({ name, picture, reason, title, objective, size, license }) {
  return html`${picture ? html`<img src=${picture} alt="" />` : html`<i>${icon(reason ? WARNING : SIGNS.picture)}</i>`}
    <span class="words"><b>${name}</b>${reason ? html`<span class="help">${reason}</span>` : html`<span class="help">${`${title} · ${objective}`}</span>
      <span class="help">${`${size} MB · ${license === "unknown" ? "license unknown" : license}`}</span>`}</span>`;
}

function runRow(run) {
  return html`<span class="words"><b>${run.name}</b><span class="help">${stateOf(run)}</span><progress aria-hidden="true" max=${run.total || 1} value=${run.step} /></span>`;
}
