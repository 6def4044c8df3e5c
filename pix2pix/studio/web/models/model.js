// The details of one model: what it is, what it makes, how it was measured, how it was trained.

import { Curves } from "../components/curves.js";
import { framed } from "../components/lightbox.js";
import { make } from "../lib/dom.js";
import { showAdding, startPull } from "./adding.js";

/** @import { ModelsTab } from "./tab.js" */

/** @param {ModelsTab} tab */
export async function showModel(tab, name) {
  tab.open("about-model", name);
  const facts = await tab.call("model", { name });
  const { chosen, $ } = tab;
  if (chosen.pane !== "about-model" || chosen.name !== name) return;
  $(".about-model").replaceChildren(...(facts === null ? [make("p.notice.bad", {}, `${name} cannot be shown.`)] : facts.fault ? brokenParts(tab, facts) : modelParts(tab, facts)));
}

/** @param {ModelsTab} tab */
function modelParts(tab, facts) {
  return [
    make("header.pane-head", {}, make("div", {}, make("h2", {}, facts.name), make("p.help", {}, `${facts.title} · ${facts.objective}`)), make("span.grow"), use(facts), again(tab, facts)),
    !facts.drawn && make("p.notice", {}, "This model draws the edges of photos on the Photo tab."),
    facts.notes && make("p.notes", {}, facts.notes),
    samples(facts),
    facts.metrics && measures(facts.metrics),
    curves(facts.curves, facts.name),
    make("section", {}, make("h3", {}, "What it is"), list([...facts.networks, ["License", facts.license], ["Size on disk", `${facts.size} MB`], ["Where from", origin(facts)]])),
    make("section", {}, make("h3", {}, "How it was trained"), facts.training.length ? list(facts.training) : make("p.help", {}, "Its files do not say.")),
  ].filter(Boolean);
}

/** @param {ModelsTab} tab */
function brokenParts(tab, facts) {
  return [
    make("header.pane-head", {}, make("h2", {}, facts.name), make("span.grow"), again(tab, facts)),
    make("p.notice.bad", {}, make("b", {}, "This folder cannot be used. "), `${facts.fault}.`),
    make("p", {}, facts.remedy),
    list([["Size on disk", `${facts.size} MB`], ["Where from", origin(facts)]]),
  ];
}

function use(facts) {
  const button = make("button.chip.primary", { type: "button" }, "Use it in Draw");
  button.addEventListener("click", () => document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task: facts.task, model: facts.name } })));
  return facts.drawn ? button : null;
}

/** The newest version of a model that came from the Hub.
 * @param {ModelsTab} tab */
function again(tab, facts) {
  if (!facts.source || tab.pulls === null) return null;
  const button = make("button.chip", { type: "button", title: `Get the newest version of ${facts.source}` }, "Pull again");
  button.addEventListener("click", async () => { if (await startPull(tab, facts.source, facts.name)) showAdding(tab); });
  return button;
}

function origin(facts) {
  return facts.link ? make("a", { href: facts.link, target: "_blank", rel: "noreferrer noopener" }, facts.origin) : facts.origin;
}

function samples(facts) {
  const shown = facts.samples.map((url, place) => framed(url, `Sample ${place + 1} of ${facts.name}: input and output`));
  const lost = facts.unreadable ? `${facts.unreadable} sample${facts.unreadable > 1 ? "s" : ""} cannot be shown.` : "";
  if (!shown.length) return make("section", {}, make("h3", {}, "Samples"), make("p.help", {}, lost || "It came without sample pictures."));
  return make("section", {}, make("h3", {}, "Samples"), make("p.help", {}, `Input on the left, its output on the right. ${lost}`), make("div.samples", {}, ...shown));
}

function measures(table) {
  const head = make("tr", {}, make("th", { scope: "col" }, "Measure"), ...table.columns.map((column) => make("th", { scope: "col", title: column.name }, column.objective, make("small", {}, column.name))), make("th", { scope: "col" }, "How to read it"));
  const rows = table.rows.map((row) => make(row.part ? "tr.part" : "tr", {}, make("th", { scope: "row" }, row.measure),
    ...row.values.map((value, place) => make(place === row.best ? "td.best" : "td", {}, value, ...(place === row.best ? [" ", make("small", {}, "best")] : []))), make("td", {}, row.better)));
  return make("section", {}, make("h3", {}, "Measured"), make("p.help", {}, table.comparable ? table.measured : "Not on the same pictures, so the columns cannot be compared."),
    make("div.scroll", { tabindex: 0, role: "region", "aria-label": "Measures" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows))),
    make("p.help", {}, "L1, PSNR and SSIM reward the safest average, so L1 only does well in them; sharpness and colors show what a discriminator adds."));
}

export function curves(histories, name) {
  const section = make("section", {}, make("h3", {}, "Training curves"));
  const own = histories[name];
  section.append(Object.keys(own).length ? new Curves({ [name]: own, ...histories }).node : make("p.help", {}, "It came without a readable history."));
  return section;
}

function list(pairs) {
  return make("dl.facts", {}, ...pairs.map(([term, text]) => make("div", {}, make("dt", {}, term), make(term === "Command" ? "dd.code" : "dd", {}, text))));
}
