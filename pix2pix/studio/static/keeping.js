// Saving, sharing and enlarging.

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
  const fragment = fragmentOf(state);
  if (fragment.length > 30_000) return toast("This drawing has too many colours for a link. Save the input instead.");
  history.replaceState(history.state, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    toast("Link copied.");
  } catch {
    toast("The link is in the address bar.");
  }
  setTimeout(() => toast(""), 4000);
});

for (const [number, slot] of views.slots.entries()) {
  slot.image.tabIndex = 0;
  const enlarge = () => {
    if (!views.url(number)) return;
    $(".lightbox img").src = views.url(number);
    $(".lightbox img").alt = slot.image.alt;
    $(".lightbox span").textContent = views.titleOf(number);
    $(".lightbox").showModal();
  };
  slot.square.addEventListener("click", () => { if (views.view === "pair") enlarge(); });
  slot.image.addEventListener("keydown", (event) => { if (event.key === "Enter") enlarge(); });
}
$(".lightbox").addEventListener("click", (event) => { if (event.target === event.currentTarget) event.target.close(); });
