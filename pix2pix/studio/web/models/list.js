// The list of models, on the left.

import { icon, keep, make } from "../lib/dom.js";
import { showModel } from "./model.js";

/** @import { ModelsTab } from "./tab.js" */

/** A row of the list, to be filled. */
export function itemButton(action) { return make("button.item", { type: "button", onclick: action }); }

/** @param {ModelsTab} tab */
function modelRow(tab, model) {
  const button = itemButton(() => showModel(tab, model.name));
  const picture = model.picture ? make("img", { src: model.picture, alt: "" }) : make("i", {}, icon(model.fault ? "M10 6v5m0 3v.5M3 17h14L10 3z" : "M3.500 4h13v12h-13zM3.500 13l4-4 4 4 2-2 3 3"));
  const words = model.fault
    ? [make("b", {}, model.name), make("span.help", {}, model.fault)]
    : [make("b", {}, model.name), make("span.help", {}, `${model.title} · ${model.objective}`), make("span.help", {}, `${model.size} MB · ${model.license === "unknown" ? "license unknown" : model.license}`)];
  button.append(picture, make("span.words", {}, ...words));
  return make("li", {}, button);
}

/** @param {ModelsTab} tab */
export function drawModels(tab) {
  const { $, all, models } = tab;
  const focused = all(".usable .item, .unusable .item").find((button) => button === document.activeElement);
  const draw = (model) => modelRow(tab, model);
  keep($(".usable ul"), models.filter((model) => !model.fault), (model) => model.name, draw);
  const broken = models.filter((model) => model.fault);
  $(".unusable").hidden = !broken.length;
  keep($(".unusable ul"), broken, (model) => model.name, draw);
  if (focused && !focused.isConnected) tab.itemOf({ pane: "about-model", name: focused.parentNode.dataset.key })?.focus();
}
