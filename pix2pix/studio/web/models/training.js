// A model that train.py is making: how far it is, what it loses, what it made last.

import { SERIES, short, titleOf } from "../components/curves.js";
import { framed } from "../components/overlays.js";
import { duration } from "../lib/units.js";
import { html } from "../vendor/htm-preact.js";
import { curves } from "./model.js";

/** @import { ModelsTab } from "./tab.js" */

const STATES = { starting: "Starting", training: "Training", finishing: "Finishing: measuring and saving", stopped: "Stopped" };

export function stateOf(run) {
  const left = run.state === "training" && run.seconds_left !== null ? `, ${duration(run.seconds_left)} left` : "";
  return STATES[run.state] + (run.total && run.state !== "starting" ? `: ${Math.floor((100 * run.step) / run.total)} %${left}` : "");
}

/** @param {ModelsTab} tab */
export function training(tab) {
  const { chosen: { name }, news } = tab, run = tab.runs.find((each) => each.name === name);
  if (!run) return null;
  const steps = run.total ? ` · step ${run.step.toLocaleString("en")} of ${run.total.toLocaleString("en")}` : "";
  return html`
    <header class="pane-head"><div><h2>${name}</h2><p class="help kind">${[run.task, run.objective].filter(Boolean).join(" · ")}</p></div></header>
    <progress class="far" aria-label=${`How far ${name} is`} max=${run.total || 1} value=${run.step} />
    <p class="state">${`${stateOf(run)}${steps} · written ${duration(run.quiet)} ago`}</p>
    ${run.state === "stopped" && html`<p class="notice halt">Nothing new was written for a while: it was stopped, or it hangs. It goes on with <code>python train.py --resume ${name}</code></p>`}
    <dl class="facts losses">${Object.entries(run.losses).map(([series, value]) => html`
      <div key=${series} title=${SERIES[series]?.[1] ?? ""}><dt>${titleOf(series)}</dt><dd>${short(value)}</dd></div>`)}</dl>
    ${news.sample && html`<section class="newest"><h3>Newest samples</h3>
      <p class="help">${`Each row: input, output, truth. Made after ${news.sampled.toLocaleString("en")} steps.`}</p>
      <div class="samples grid">${framed(tab, news.sample, `${name} after ${news.sampled} steps: input, output, truth`)}</div></section>`}
    <div class="history">${Object.keys(news.curves?.[name] ?? {}).length > 0 && curves(news.curves, name)}</div>`;
}
