// A model that train.py is making: how far it is, what it loses, what it made last.

import { SERIES, short, titleOf } from "../components/curves.js";
import { framed } from "../components/lightbox.js";
import { keep, make, setText } from "../lib/dom.js";
import { duration } from "../lib/units.js";
import { itemButton } from "./list.js";
import { curves, showModel } from "./model.js";

/** @import { ModelsTab } from "./tab.js" */

const STATES = { starting: "Starting", training: "Training", finishing: "Finishing: measuring and saving", stopped: "Stopped" };

/** @param {ModelsTab} tab */
function runRow(tab, run, old) {
  const button = old?.firstChild ?? itemButton(() => showRun(tab, run.name));
  if (!old) button.append(make("span.words", {}, make("b", {}, run.name), make("span.help"), make("progress", { "aria-hidden": "true" })));
  setText(button.querySelector(".help"), state(run));
  setProgress(button.querySelector("progress"), run);
  return old ?? make("li", {}, button);
}

/** @param {ModelsTab} tab */
export function drawRuns(tab, section, some) {
  section.hidden = !some.length;
  keep(section.querySelector("ul"), some, (run) => run.name, (run, old) => runRow(tab, run, old));
}

function state(run) {
  const left = run.state === "training" && run.seconds_left !== null ? `, ${duration(run.seconds_left)} left` : "";
  return STATES[run.state] + (run.total && run.state !== "starting" ? `: ${Math.floor((100 * run.step) / run.total)} %${left}` : "");
}

function setProgress(bar, run) {
  bar.max = run.total || 1;
  bar.value = run.step;
}

/** @param {ModelsTab} tab */
export function showRun(tab, name) {
  const { $ } = tab;
  tab.open("about-run", name);
  tab.watched = { name, version: null };
  $(".about-run").replaceChildren(
    make("header.pane-head", {}, make("div", {}, make("h2", {}, name), make("p.help.kind"))),
    make("progress.far", { "aria-label": `How far ${name} is` }), make("p.state"), make("p.notice.halt", { hidden: true }),
    make("dl.facts.losses"), make("section.newest", { hidden: true }, make("h3", {}, "Newest samples"), make("p.help"), make("div.samples.grid")), make("div.history"));
  refreshRun(tab);
}

/** Brings the open run up to date; a run that has ended as a model opens that.
 * @param {ModelsTab} tab */
export async function refreshRun(tab) {
  const { $, models, runs, server, watched } = tab;
  const pane = $(".about-run"), run = runs.find((each) => each.name === watched.name);
  if (!run) return models.some((model) => model.name === watched.name) ? showModel(tab, watched.name) : tab.close();
  setText(pane.querySelector(".kind"), [run.task, run.objective].filter(Boolean).join(" · "));
  setProgress(pane.querySelector(".far"), run);
  const steps = run.total ? ` · step ${run.step.toLocaleString("en")} of ${run.total.toLocaleString("en")}` : "";
  setText(pane.querySelector(".state"), `${state(run)}${steps} · written ${duration(run.quiet)} ago`);
  pane.querySelector(".halt").hidden = run.state !== "stopped";
  if (run.state === "stopped") pane.querySelector(".halt").replaceChildren("Nothing new was written for a while: it was stopped, or it hangs. It goes on with ", make("code", {}, `python train.py --resume ${run.name}`));
  keep(pane.querySelector(".losses"), Object.entries(run.losses), ([name]) => name, ([name, value], old) => {
    const row = old ?? make("div", { title: SERIES[name]?.[1] ?? "" }, make("dt", {}, titleOf(name)), make("dd"));
    setText(row.lastChild, short(value));
    return row;
  });
  const news = await server.run({ name: run.name, version: watched.version }).catch(() => null);
  if (!news || news.error || tab.watched !== watched || news.version === watched.version) return;
  watched.version = news.version;
  const newest = pane.querySelector(".newest");
  newest.hidden = !news.sample;
  if (news.sample) {
    setText(newest.querySelector("p"), `Each row: input, output, truth. Made after ${news.sampled.toLocaleString("en")} steps.`);
    newest.querySelector(".samples").replaceChildren(framed(news.sample, `${run.name} after ${news.sampled} steps: input, output, truth`));
  }
  if (Object.keys(news.curves[run.name]).length && !pane.querySelector(".history").contains(document.activeElement)) pane.querySelector(".history").replaceChildren(curves(news.curves, run.name));
}
