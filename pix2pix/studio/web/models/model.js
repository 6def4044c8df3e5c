// The details of one model: what it is, what it makes, how it was measured, how it was trained.

import { Curves } from "../components/curves.js";
import { framed } from "../components/overlays.js";
import { html } from "../vendor/htm-preact.js";

/** @import { ModelsTab } from "./tab.js" */

/** @param {ModelsTab} tab */
export function model(tab) {
  const { facts } = tab;
  if (!facts) return null;
  if (!("size" in facts)) return html`<p class="notice bad">${facts.name} cannot be shown.</p>`;
  const origin = facts.link ? html`<a href=${facts.link} target="_blank" rel="noreferrer noopener">${facts.origin}</a>` : facts.origin;
  const place = [["Size on disk", `${facts.size} MB`], ["Where from", origin]];
  if (facts.reason) {
    return html`
      <header class="pane-head"><h2>${facts.name}</h2><span class="grow" />${again(tab)}</header>
      <p class="notice bad"><b>This folder cannot be used. </b>${facts.reason}.</p>
      <p>${facts.remedy}</p>
      ${listed(place)}`;
  }
  return html`
    <header class="pane-head"><div><h2>${facts.name}</h2><p class="help">${`${facts.title} · ${facts.objective}`}</p></div><span class="grow" />${use(facts)}${again(tab)}</header>
    ${!facts.drawn && html`<p class="notice">This model draws the edges of photos on the Photo tab.</p>`}
    ${facts.notes && html`<p class="notes">${facts.notes}</p>`}
    ${samples(tab)}
    ${facts.metrics && measures(facts.metrics)}
    ${curves(facts.curves, facts.name)}
    <section><h3>What it is</h3>${listed([...facts.networks, ["License", facts.license], ...place])}</section>
    <section><h3>How it was trained</h3>${facts.training.length ? listed(facts.training) : html`<p class="help">Its files do not say.</p>`}</section>`;
}

function use({ drawn, name, task }) {
  const hand = () => document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task, model: name } }));
  return drawn && html`<button type="button" class="chip primary" onclick=${hand}>Use it in Draw</button>`;
}

/** The newest version of a model that came from the Hub.
 * @param {ModelsTab} tab */
function again(tab) {
  const { source, name } = tab.facts;
  if (!source || tab.pulls === null) return null;
  const pull = async () => { if (await tab.startPull(source, name)) tab.showAdding(); };
  return html`<button type="button" class="chip" title=${`Get the newest version of ${source}`} onclick=${pull}>Pull again</button>`;
}

/** @param {ModelsTab} tab */
function samples(tab) {
  const { name, samples: urls, unreadable } = tab.facts;
  const lost = unreadable ? `${unreadable} sample${unreadable > 1 ? "s" : ""} cannot be shown.` : "";
  const shown = urls.map((url, place) => framed(tab, url, `Sample ${place + 1} of ${name}: input and output`));
  return html`<section><h3>Samples</h3>
    <p class="help">${shown.length ? `Input on the left, its output on the right. ${lost}` : lost || "It came without sample pictures."}</p>
    ${shown.length > 0 && html`<div class="samples">${shown}</div>`}</section>`;
}

function measures({ columns, rows, comparable, measured }) {
  return html`<section><h3>Measured</h3><p class="help">${comparable ? measured : "Not on the same pictures, so the columns cannot be compared."}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Measures"><table>
      <thead><tr><th scope="col">Measure</th>
        ${columns.map(({ name, objective }) => html`<th scope="col" title=${name}>${objective}<small>${name}</small></th>`)}<th scope="col">How to read it</th></tr></thead>
      <tbody>${rows.map(({ measure, part, values, best, better }) => html`<tr class=${part ? "part" : ""}><th scope="row">${measure}</th>
        ${values.map((value, place) => (place === best ? html`<td class="best">${value} <small>best</small></td>` : html`<td>${value}</td>`))}<td>${better}</td></tr>`)}</tbody>
    </table></div>
    <p class="help">L1, PSNR and SSIM reward the safest average, so L1 only does well in them; sharpness and colors show what a discriminator adds.</p></section>`;
}

export function curves(histories, name) {
  const any = Object.keys(histories[name]).length > 0;
  return html`<section><h3>Training curves</h3>${any ? html`<${Curves} key=${name} name=${name} histories=${histories} />` : html`<p class="help">It came without a readable history.</p>`}</section>`;
}

function listed(pairs) {
  return html`<dl class="facts">${pairs.map(([term, text]) => html`<div><dt>${term}</dt><dd class=${term === "Command" ? "code" : ""}>${text}</dd></div>`)}</dl>`;
}
