// Saving and sharing.

import { download, saveCard, savePicture } from "../lib/files.js";
import { jpegUrl, pngUrl } from "../lib/png.js";
import { encodeLink } from "../lib/share.js";

/** @import { Board } from "./board.js" */

const MAX_LINK = 30_000; // characters that mail and chat programs let pass
const LINK_TOAST_MS = 4000;

/** @param {Board} board */
export function listenToSaving(board) {
  for (const button of board.all("[data-save]")) button.addEventListener("click", () => save(board, button.dataset.save));
  board.$(".share").addEventListener("click", () => share(board));
}

/** @param {Board} board */
async function save({ $, state, views, toast }, what) {
  $(".save").open = false;
  const name = state.card.name;
  const input = await pngUrl(state.raster.pixels);
  if (what === "input") return download(input, `${name}-input.png`);
  if (!views.url(0)) return toast("There is no picture yet: draw something first.");
  const number = what === "second" ? 1 : 0;
  if (what !== "card") return savePicture(views.url(number), `${views.models[number].name}.png`);
  const parts = [[input, "Drawing", state.card.crisp]];
  views.models.forEach((_, place) => parts.push([views.url(place), views.titleOf(place), false]));
  return saveCard(parts, "pix2pix studio", `${name}-card.png`);
}

/** @param {Board} board */
async function share({ state, settings, toast }) {
  const link = { task: state.card.name, seed: settings.noise ? settings.seed : null, drawing: await pngUrl(state.raster.pixels) };
  let fragment = encodeLink(link), note = "";
  for (let quality = 0.9; fragment.length > MAX_LINK && quality > 0; quality -= 0.2) {
    fragment = encodeLink({ ...link, drawing: await jpegUrl(state.raster.bytes, quality) });
    note = " Its picture is simplified, to fit into a link.";
  }
  history.replaceState(history.state, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    toast(`Link copied.${note}`, LINK_TOAST_MS);
  } catch {
    toast(`The link is in the address bar.${note}`, LINK_TOAST_MS);
  }
}
