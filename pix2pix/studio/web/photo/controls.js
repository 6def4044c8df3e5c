// What the Photo tab's controls show: always drawn from the state, never the other way round.

import { press } from "../lib/dom.js";

/** @import { PhotoTab } from "./tab.js" */

const EXTRACTORS = {
  learned: "A model trained on the same drawings: strokes like those the others know.",
  classical: "Canny's edges: every sharp change of brightness becomes a stroke.",
};

/** Draws everything anew.
 * @param {PhotoTab} tab */
export function refresh(tab) {
  const { $, all, studio, camera, settings, learned, card, photo, framed, drawn, extractor } = tab;
  if (!card) return;
  for (const each of all(".card")) press(each, each.dataset.task === card.name);
  studio.dataset.kind = card.edges ? "edges" : "photo";
  studio.dataset.photo = photo || camera.on ? "there" : "none";
  const ratio = !card.edges && photo?.size && !camera.on ? photo.size[0] / photo.size[1] : 1;
  $(".stage").style.setProperty("--ratio", Math.min(2.5, Math.max(0.6, ratio)));
  $(".drop").hidden = photo !== null || camera.on;
  $("video").hidden = $(".shutter").hidden = !camera.on;
  const shown = !camera.on && photo && (framed?.photo ?? photo.preview);
  picture($(".shown"), shown || null, "Your photo");
  $(".shown").classList.toggle("mirrored", card.edges && settings.mirror && framed !== null);
  $(".measure").textContent = photo?.before ? photo.before.join(" x ") : "";
  picture($(".drawn"), drawn, "The photo's edges");
  $(".edges .empty").hidden = drawn !== null;
  $(".edges .empty").textContent = photo ? "" : "The photo's edges appear here.";
  $(".photo-help").textContent = photoHelp(tab);
  $("[data-do=example]").hidden = !card.example;
  press($(".mirror"), settings.mirror);
  for (const each of all("[data-extractor]")) {
    press(each, each.dataset.extractor === extractor);
    each.disabled = each.dataset.extractor === "learned" && !learned;
  }
  $(".extractor-help").textContent = EXTRACTORS[extractor] + (learned ? "" : " The learned extractor needs a photo2edges model.");
  $(".detail output").textContent = settings.detail;
  $(".edit").disabled = drawn === null;
  refreshSaves(tab);
}

function picture(image, url, words) {
  image.hidden = !url;
  if (url && image.src !== url) image.src = url;
  image.alt = url ? `${words}, press to enlarge` : "";
}

/** @param {PhotoTab} tab */
function photoHelp({ camera, card, photo, framed }) {
  if (camera.on) return "Nothing is sent before you press Take photo.";
  if (!photo) {
    if (card.edges) return `A plain background works best.${card.name === "edges2shoes" ? " The toe should point left." : ""}`;
    return card.labels ? "These models take drawn maps, not photographs: add a picture of one, any size." : "Any size; up to 2048 pixels a side are translated.";
  }
  if (framed) {
    if (framed.plain) return "Centered on its page as in the training photos, a light background made white.";
    return "The background is busy and gets edges too. A plain one works best; the canvas has an eraser.";
  }
  if (!photo.size) return "";
  const size = photo.size.join(" x ");
  if (Math.max(...photo.before) > Math.max(...photo.size)) return `Reduced to ${size}: up to 2048 pixels a side are translated.`;
  return "Translated whole, in overlapping tiles of the size the models were trained on.";
}

/** @param {PhotoTab} tab */
export function refreshSaves({ $, drawn, views }) {
  $("[data-save=edges]").hidden = $("[data-save=card]").hidden = !drawn;
  for (const number of [0, 1]) {
    const button = $(`[data-save="${number}"]`);
    button.textContent = views.titleOf(number);
    button.hidden = !views.titleOf(number);
  }
  $(".save").classList.toggle("off", !views.url(0) && !drawn);
}

/** How much of a large picture is done, from 0 to 1; null hides it.
 * @param {PhotoTab} tab */
export function advance({ $ }, share, waiting = false) {
  $(".advance").hidden = share === null;
  $(".advance progress").value = share ?? 0;
  $(".advance output").textContent = waiting ? "Waiting for other visitors' pictures" : `${Math.round((share ?? 0) * 100)} %`;
}
