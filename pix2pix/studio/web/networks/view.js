// How the Networks tab looks.

import { html } from "../vendor/htm-preact.js";

/** @import { NetworksTab } from "./tab.js" */

/** @param {NetworksTab} tab */
export function view(tab) {
  const groups = [...new Set(tab.networks.map((each) => each.group))];
  return html`<div class="row"><label class="row">Networks of
      <select onchange=${(event) => tab.choose(event.target.value)}>
        ${groups.map((group) => html`<optgroup key=${group} label=${group}>
          ${tab.networks.filter((each) => each.group === group).map(({ name, title }) => html`<option key=${name} value=${name} selected=${tab.chosen === name}>${title}</option>`)}
        </optgroup>`)}
      </select></label></div>
    <p class="notes">The generator goes down on the left, where each level halves the picture and learns more channels, and up on the right.
      Blue arrows are skip connections: they carry the drawing's lines past the bottleneck, so what is drawn stays where it was drawn.
      The discriminator looks at patches of a picture and says of each whether it could be a photo.</p>
    ${tab.drawn?.drawings.map((drawing) => figure(drawing))}`;
}

function figure({ title, svg, parameters, multiplications }) {
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const numbers = `${(parameters / 1e6).toFixed(2)} M parameters, ${(multiplications / 1e9).toFixed(2)} G multiplications a picture`;
  return html`<figure class="plan"><div class="scroll"><img src=${address} alt=${`${title}: ${numbers}`} /></div>
    <figcaption class="row"><span class="help">${numbers}</span>
      <a class="chip small" href=${address} download=${`${title.replace(/[^\w-]+/g, "-")}.svg`}>Save as SVG</a></figcaption></figure>`;
}
