// A look at the server, and what follows from it in every part of the tab.

import { announce, drawOffers, drawPulls, isActive, refreshOffers, showAdding } from "./adding.js";
import { drawModels } from "./list.js";
import { showModel } from "./model.js";
import { drawRuns, refreshRun, showRun } from "./training.js";
import { isNarrow } from "./tab.js";

/** @import { ModelsTab } from "./tab.js" */

/** @param {ModelsTab} tab */
export async function look(tab) {
  const { $, server } = tab;
  const answer = await server.look({ version: tab.version, me: tab.visitor });
  if (answer.error) return;
  announce(tab, answer.pulls);
  const { runs, pulls } = Object.assign(tab, { runs: answer.runs, pulls: answer.pulls });
  const changed = answer.models !== null;
  const before = cardOf(tab);
  if (changed) {
    tab.models = answer.models;
    tab.version = answer.version;
    drawModels(tab);
    $(".none").hidden = tab.models.some((model) => !model.fault);
  }
  drawRuns(tab, $(".running"), runs.filter((run) => run.state !== "stopped"));
  drawRuns(tab, $(".halted"), runs.filter((run) => run.state === "stopped"));
  drawPulls(tab, $(".pulls ul"), pulls ?? []);
  drawPulls(tab, $(".arriving ul"), tab.chosen.pane === "adding" ? [] : (pulls ?? []).filter(isActive));
  if (tab.chosen.pane === "adding") {
    if (changed) await refreshOffers(tab);
    else if (pulls) drawOffers(tab);
    if (changed && tab.found) $(".search").requestSubmit();
  }
  if (tab.chosen.pane === "about-run") await refreshRun(tab);
  if (tab.chosen.pane === "about-model" && cardOf(tab) !== before) {
    if (cardOf(tab)) await showModel(tab, tab.chosen.name);
    else tab.close();
  }
  if (tab.chosen.pane === null && !isNarrow()) await showFirst(tab);
  tab.mark();
}

/** What the list shows of the chosen model, to see whether it changed.
 * @param {ModelsTab} tab */
function cardOf({ models, chosen }) { return JSON.stringify(models.find((model) => model.name === chosen.name)); }

/** What a wide screen shows beside the list before anything is chosen.
 * @param {ModelsTab} tab */
async function showFirst(tab) {
  const usable = tab.models.find((model) => !model.fault);
  if (usable) await showModel(tab, usable.name);
  else if (tab.runs.length) showRun(tab, tab.runs[0].name);
  else await showAdding(tab);
}
