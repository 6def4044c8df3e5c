// Saving and sharing.

const MAX_LINK = 30_000; // characters that mail and chat programs let pass

all("[data-save]").forEach((button) => button.addEventListener("click", () => save(button.dataset.save)));
async function save(what) {
  $(".save").open = false;
  const name = bench.card.name;
  const input = await pngUrl(bench.raster.pixels);
  if (what === "input") return download(input, `${name}-input.png`);
  if (!views.url(0)) return toast("There is no picture yet: draw something first.");
  const number = what === "second" ? 1 : 0;
  if (what !== "card") return savePicture(views.url(number), `${views.models[number].name}.png`);
  const parts = [[input, "Drawing", bench.card.crisp]];
  views.models.forEach((_, place) => parts.push([views.url(place), views.titleOf(place), false]));
  return saveCard(parts, "pix2pix studio", `${name}-card.png`);
}

$(".share").addEventListener("click", async () => {
  const state = { task: bench.card.name, seed: settings.noise ? settings.seed : null, drawing: await pngUrl(bench.raster.pixels) };
  let fragment = fragmentOf(state), note = "";
  for (let quality = 0.9; fragment.length > MAX_LINK && quality > 0; quality -= 0.2) {
    fragment = fragmentOf({ ...state, drawing: await jpegUrl(bench.raster.bytes, quality) });
    note = " Its picture is simplified, to fit into a link.";
  }
  history.replaceState(history.state, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    toast(`Link copied.${note}`);
  } catch {
    toast(`The link is in the address bar.${note}`);
  }
  setTimeout(() => toast(""), 4000);
});

/** A link stands for the drawing it was made of: with the first change it leaves the address bar, so that a reload loses nothing. */
function unlink() {
  if (stateOf(location.hash)) history.replaceState(history.state, "", location.pathname + location.search);
}
