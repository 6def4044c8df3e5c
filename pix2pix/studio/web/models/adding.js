// Pulling models: known ones, searched ones, or by name. Pulls go on in the background, for everybody to see.

import { keep, make, setText } from "../lib/dom.js";
import { megabytes, duration } from "../lib/units.js";
import { look } from "./look.js";
import { showModel } from "./model.js";

/** @import { ModelsTab } from "./tab.js" */

const PULL_STATES = { waiting: "Waits for the one before it", stopping: "Stopping", stopped: "Canceled; pulling it again goes on from here", done: "Here" };

/** @param {ModelsTab} tab */
export async function showAdding(tab) {
  tab.open("adding", "");
  await refreshOffers(tab);
}

/** @param {ModelsTab} tab */
export async function refreshOffers(tab) {
  const { $, pulls } = tab;
  $(".off").hidden = pulls !== null;
  $(".shop").hidden = $(".on").hidden = !pulls;
  if (!pulls) return;
  tab.known = (await tab.call("known", {}))?.models ?? tab.known;
  drawOffers(tab);
}

/** @param {ModelsTab} tab */
export function drawOffers(tab) {
  const { $, known, found } = tab;
  const draw = (model, old) => offerRow(tab, model, old);
  keep($(".known"), known, (model) => model.source, draw);
  if (found) keep($(".found"), found, (model) => model.source, draw);
}

/** @param {ModelsTab} tab */
function offerRow(tab, model, old) {
  const pulling = tab.pulls.some((pull) => pull.source === model.source && isActive(pull));
  const state = model.here && !pulling ? `here ${model.here}` : String(pulling);
  if (old?.dataset.state === state) return old;
  const action = model.here && !pulling
    ? make("button.chip.small", { type: "button", onclick: () => showModel(tab, model.here) }, `Here as ${model.here}`)
    : make("button.chip.small", { type: "button", disabled: pulling, "aria-label": `Pull ${model.source}`, onclick: () => startPull(tab, model.source) }, pulling ? "Pulling" : "Pull");
  return make("li.row", { "data-state": state }, make("div.words", {}, make("b", {}, model.source), make("span.task", {}, model.task), make("span.help", {}, [model.about, model.where].filter(Boolean).join(" · "))), action);
}

export function isActive(pull) { return ["waiting", "pulling", "stopping"].includes(pull.state); }

/** Queues a pull; whether that was possible.
 * @param {ModelsTab} tab */
export async function startPull(tab, source, name = "") {
  const pull = await tab.call("pull", { source, name, me: tab.visitor });
  if (!pull) return false;
  await look(tab);
  return true;
}

/** @param {ModelsTab} tab */
export function drawPulls(tab, list, items) {
  list.closest("section").hidden = !items.length;
  keep(list, items, (pull) => pull.number, (pull, old) => pullRow(tab, pull, old));
}

/** Says once that a pull has ended, wherever its reader is on the tab.
 * @param {ModelsTab} tab */
export function announce({ pulls, toast }, after) {
  for (const pull of after ?? []) {
    const was = pulls?.find((each) => each.number === pull.number);
    if (was && was.state !== pull.state && ["done", "failed"].includes(pull.state)) toast(pull.state === "done" ? `${pull.folder} is here.` : how(pull));
  }
}

/** @param {ModelsTab} tab */
function pullRow(tab, pull, old) {
  const row = old ?? make("li.pull", {}, make("div.row", {}, make("b", {}, pull.name ? `${pull.source} as ${pull.name}` : pull.source), make("span.grow"), make("span.actions.row")),
    make("progress", { "aria-label": `Pull of ${pull.source}` }), make("p.help"));
  const bar = row.querySelector("progress");
  bar.hidden = !isActive(pull);
  if (pull.total) Object.assign(bar, { max: pull.total, value: pull.done });
  else bar.removeAttribute("value");
  row.classList.toggle("failed", pull.state === "failed");
  setText(row.querySelector(".help"), how(pull));
  if (row.dataset.state !== pull.state) row.querySelector(".actions").replaceChildren(...pullActions(tab, pull));
  row.dataset.state = pull.state;
  return row;
}

function how(pull) {
  if (pull.state === "failed") return `${pull.error}.`.replace(/\.\.$/, ".");
  if (pull.state === "done") return `Here as ${pull.folder}`;
  if (pull.state !== "pulling") return PULL_STATES[pull.state];
  if (pull.done === undefined) return "Asking the server";
  if (pull.done === pull.total) return "Everything is here; checking it and putting it in place";
  const left = pull.left === null ? "" : `, ${duration(pull.left)} left`;
  return `${megabytes(pull.done)}${pull.total ? ` of ${megabytes(pull.total)}` : ""}, ${megabytes(pull.speed)} a second${left}`;
}

/** @param {ModelsTab} tab */
function pullActions(tab, pull) {
  const button = (text, action) => make("button.chip.small", { type: "button", "aria-label": `${text}: ${pull.source}`, onclick: action }, text);
  if (["waiting", "pulling"].includes(pull.state)) return pull.mine ? [button("Cancel", async () => { if (await tab.call("cancel", { number: pull.number, me: tab.visitor })) look(tab); })] : [];
  if (["failed", "stopped"].includes(pull.state)) return [button("Try again", () => startPull(tab, pull.source, pull.name ?? ""))];
  return pull.state === "done" ? [button("Show", () => showModel(tab, pull.folder))] : [];
}

/** @param {ModelsTab} tab */
export function listenToAdding(tab) {
  tab.$(".by-name").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { source, name } = event.target.elements;
    if (await startPull(tab, source.value, name.value)) event.target.reset();
  });
  tab.$(".search").addEventListener("submit", (event) => {
    event.preventDefault();
    search(tab, event.target);
  });
}

/** @param {ModelsTab} tab */
async function search(tab, form) {
  const said = tab.$(".said"), button = form.querySelector("button");
  said.textContent = "Searching";
  button.disabled = true;
  const answer = await tab.server.search({ text: form.elements.text.value }).catch(() => ({ error: "The server cannot be reached." }));
  button.disabled = false;
  const found = tab.found = answer.models ?? [];
  said.textContent = answer.error ?? `${answer.found || "No"} model${answer.found === 1 ? "" : "s"} found${answer.found > found.length ? `, the first ${found.length} are shown` : ""}.${answer.all ? "" : " Only the most downloaded were looked through; others can be pulled by name."}`;
  drawOffers(tab);
}
