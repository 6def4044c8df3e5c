// What happens on clicks, keys and pasted pictures.

const MAX_FILE = 20_000_000;

const actions = {
  undo() {
    hand.cancel();
    if (bench.raster.undo()) board.finished();
  },
  redo() {
    hand.cancel();
    if (bench.raster.redo()) board.finished();
  },
  clear() {
    hand.cancel();
    live.forget();
    bench.raster.clear();
    nothing(INVITATION);
    board.finished();
  },
  random: drawRandom,
  open() { pickFile((file) => bench && usePicture(file)); },
};

let picked = null;
function pickFile(use) {
  picked = use;
  $(".file").value = "";
  $(".file").click();
}

async function usePicture(file) {
  const target = bench;
  const pixels = await readable(file, target);
  if (pixels) await put(target, pixels);
}

async function readable(file, target) {
  if (file.size > MAX_FILE) return toast("This picture is larger than 20 MB.");
  try {
    return await pixelsOf(file, target.card.background);
  } catch {
    return toast("This file is not a picture that your browser can read.");
  }
}

async function useGuide(file) {
  const target = bench;
  if (await readable(file, target)) setGuide(target, { url: URL.createObjectURL(file) });
}

/** What the full model makes of the example that the drawing began as. */
async function guideByExample(target) {
  const answer = await server.translate({ task: target.card.name, drawing: target.example });
  if (answer.error) return toast(answer.error);
  setGuide(target, { url: Object.values(answer.pictures).at(-1), example: true }, target.guided || !target.guide);
}

function setGuide(target, guide, shown = true) {
  Object.assign(target, { guide, guided: shown });
  refreshGuide();
}

for (const button of all("[data-do]")) button.addEventListener("click", () => bench && actions[button.dataset.do]());
for (const button of all("[data-view]")) button.addEventListener("click", () => { views.setView(button.dataset.view); refreshSettings(); });
for (const select of all(".picks select")) select.addEventListener("change", () => chooseModel(select.dataset.place, select.value));
for (const button of all("[data-norm]")) button.addEventListener("click", () => changeSetting({ norm: button.dataset.norm }));
$(".unzoom").addEventListener("click", () => hand.resetZoom());
$(".file").addEventListener("change", (event) => { if (event.target.files[0]) picked?.(event.target.files[0]); });
$(".symmetry").addEventListener("click", () => {
  bench.symmetric = !bench.symmetric;
  refreshSettings();
});
$(".guide-toggle").addEventListener("click", () => {
  if (bench.guide) setGuide(bench, bench.guide, !bench.guided);
  else if (bench.example) guideByExample(bench);
  else pickFile(useGuide);
});
$(".guide-pick").addEventListener("click", () => pickFile(useGuide));
$(".pressure").addEventListener("click", () => {
  settings.pressure = !settings.pressure;
  refreshSettings();
});
$(".size input").addEventListener("input", (event) => {
  bench[bench.tool === "eraser" && !bench.card.crisp ? "eraser" : "size"] = event.target.valueAsNumber;
  refreshTool();
});
$(".critic").addEventListener("click", () => changeSetting({ critic: !settings.critic }));
$(".noise").addEventListener("click", () => changeSetting({ noise: !settings.noise }));
$(".seed input").addEventListener("input", (event) => {
  const seed = event.target.valueAsNumber;
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) changeSetting({ seed, noise: true });
});
$(".another").addEventListener("click", () => {
  const seed = Math.floor(Math.random() * 100_000);
  $(".seed input").value = seed;
  changeSetting({ seed, noise: true });
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input:not([type=range]), textarea, [contenteditable]");
  if (!bench || typing || !element.offsetParent || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) actions.redo();
  else actions.undo();
});
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
  if (bench && file && element.offsetParent) usePicture(file);
});
paper.addEventListener("dragover", (event) => event.preventDefault());
paper.addEventListener("drop", (event) => {
  event.preventDefault();
  if (bench && event.dataTransfer.files[0]) usePicture(event.dataTransfer.files[0]);
});

// A link pasted into the address bar of an open studio.
window.addEventListener("hashchange", () => { if (element.isConnected && stateOf(location.hash)) begin(); });

// Other tabs hand a picture over with: document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task, picture } })),
// picture being a URL or a file. It becomes an undoable step of that task's drawing, `guide`, a URL, what can lie under it.
// Without a picture the task is chosen; `model`, a name, is put on show.
document.addEventListener("studio:draw", async ({ detail }) => {
  if (!element.isConnected) return;
  await refreshCards().catch(() => {}); // the model may have come a moment ago
  const card = cards.find((each) => each.name === detail.task);
  if (!card) return;
  document.querySelector("[role=tab][data-tab-id=draw]").click();
  if (detail.picture) benchOf(card).met = true;
  if (bench.card.name !== card.name) await choose(card);
  const model = card.models.find((each) => each.name === detail.model);
  if (model && !views.models.some((each) => each.name === model.name)) chooseModel(model.objective === "l1" ? 0 : 1, model.name);
  if (detail.guide) setGuide(bench, { url: detail.guide }, false);
  if (!detail.picture) return;
  await put(bench, await pixelsOf(detail.picture, card.background));
  while (!paper.offsetParent) await new Promise(requestAnimationFrame); // until the tab has changed
  paper.focus({ preventScroll: true }); // what was pressed is out of sight
});
