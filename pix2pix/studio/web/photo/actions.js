// What happens on clicks and with photos that arrive.

import { enlargeable } from "../components/lightbox.js";
import { decode, download, saveCard, savePicture } from "../lib/files.js";
import { refresh } from "./controls.js";
import { receivePhotos } from "./intake.js";

/** @import { PhotoTab } from "./tab.js" */

/** What buttons with `data-do` do. */
const ACTIONS = {
  choose({ $ }) {
    $(".file").value = "";
    $(".file").click();
  },
  async camera(tab) {
    tab.toast("");
    tab.begin();
    await tab.attempt(() => tab.camera.open());
    refresh(tab);
    if (tab.camera.on) tab.$("[data-do=snap]").focus();
  },
  async snap(tab) { await tab.take(await tab.camera.snap()); },
  shut(tab) {
    tab.camera.close();
    tab.choose(tab.card);
  },
  example(tab) {
    tab.toast("");
    const seed = tab.card.firstSeed + tab.examples++;
    return tab.attempt(async () => {
      const mine = tab.turn;
      tab.views.setSlow(true);
      const { picture } = await tab.call("example", { task: tab.card.name, seed });
      if (mine === tab.turn) await tab.take(await (await fetch(picture)).blob());
    });
  },
  stop(tab) {
    tab.begin();
    tab.views.empty("Stopped. Press the task's card to start again.");
    tab.views.setSlow(false);
    tab.studio.dataset.state = "empty";
  },
};

/** @param {PhotoTab} tab */
export function listen(tab) {
  const { $, all, camera, settings } = tab;
  for (const button of all("[data-do]")) button.addEventListener("click", () => tab.card && ACTIONS[button.dataset.do](tab));
  for (const button of all("[data-save]")) button.addEventListener("click", () => save(tab, button.dataset.save));
  for (const button of all("[data-extractor]")) button.addEventListener("click", () => change(tab, { extractor: button.dataset.extractor }));
  $(".mirror").addEventListener("click", () => change(tab, { mirror: !settings.mirror }));
  $(".detail input").addEventListener("input", (event) => change(tab, { detail: event.target.valueAsNumber }));
  $(".edit").addEventListener("click", () => edit(tab));
  receivePhotos(tab.studio, $(".file"), (file) => tab.card && tab.take(file));
  enlargeable($(".shown"), () => "Photo");
  enlargeable($(".drawn"), () => "Edges");
  // The camera goes off with the tab it is on.
  new IntersectionObserver(() => {
    if (!camera.on || $("video").offsetParent) return;
    camera.close();
    refresh(tab);
  }).observe($("video"));
}

/** @param {PhotoTab} tab */
function change(tab, changes) {
  Object.assign(tab.settings, changes);
  refresh(tab);
  if (tab.framed) tab.live.changed();
}

/** Hands the edges to the Draw tab, with the photo as what can lie under them.
 * @param {PhotoTab} tab */
async function edit({ card, drawn, framed, settings }) {
  const guide = settings.mirror ? await mirror(framed.photo) : framed.photo;
  document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task: card.name, picture: drawn, guide } }));
}

/** A picture with left and right exchanged, as a URL. */
async function mirror(url) {
  const image = await decode(url);
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d");
  context.scale(-1, 1);
  context.drawImage(image, -canvas.width, 0);
  return canvas.toDataURL();
}

/** @param {PhotoTab} tab */
async function save({ $, card, drawn, framed, toast, views }, what) {
  $(".save").open = false;
  if (what === "edges") return download(drawn, `${card.name}-edges.png`);
  if (!views.url(0)) return toast("There is no picture yet.");
  if (what !== "card") return savePicture(views.url(Number(what)), `${card.models[what].name}.png`);
  const parts = [[framed.photo, "Photo", false], [drawn, "Edges", false]];
  card.models.forEach((_, place) => parts.push([views.url(place), views.titleOf(place), false]));
  return saveCard(parts, "pix2pix studio", `${card.name}-card.png`);
}
