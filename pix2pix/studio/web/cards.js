// Task cards: which models there are, the drawing each task keeps, and what the first screen shows.

const REFRESH = 5_000;
let version = null; // of the cards
let lost = false; // whether the server did not answer last time

function benchOf(card) {
  if (!benches.has(card.name)) {
    const colour = card.palette.find((each) => each.name === card.colour) ?? card.palette[0];
    benches.set(card.name, {
      raster: new Raster(card.background), tool: card.tool, colour: colour.colour, size: card.sizes[2], eraser: INK_ERASER[2],
      symmetric: false, next: card.firstSeed, example: null, guide: null, guided: false, chosen: [],
    });
  }
  return Object.assign(benches.get(card.name), { card });
}

/** The two models on show: those chosen by hand, else the task's own. A place whose model is gone gets its own back. */
function modelsOf({ card, chosen }) {
  return card.models.slice(0, 2).map((own, place) => card.models.find((each) => each.name === chosen[place]) ?? own);
}

/** Puts a model in a place: 0 is left, 1 right. */
function chooseModel(place, name) {
  bench.chosen[place] = name;
  live.forget();
  views.setModels(modelsOf(bench));
  refreshAll();
  live.changed();
}

/** Puts a task's own drawing, tools and models on the board. */
async function choose(card) {
  hand.cancel();
  live.forget();
  studio.dataset.state = "working";
  bench = benchOf(card);
  remember("last task", card.name);
  const fresh = !bench.raster.canUndo && bench.raster.isBlank && !bench.met;
  bench.met = true;
  hand.resetZoom();
  views.setModels(modelsOf(bench));
  nothing("");
  paint();
  refreshAll();
  if (fresh && (await restored(bench))) return;
  if (fresh && card.random) await drawRandom();
  else live.changed();
}

/** Brings back what was drawn here before the page was reloaded. */
async function restored(target) {
  const drawing = recall(target.card.name);
  if (!drawing) return false;
  try {
    await put(target, await pixelsOf(drawing, target.card.background));
    return true;
  } catch {
    return false; // what was kept is damaged: start as on a first visit
  }
}

async function drawRandom() {
  const mine = bench;
  const answer = await server.random({ task: mine.card.name, seed: mine.next++ });
  if (answer.error) return toast(answer.error);
  mine.example = answer.drawing;
  await put(mine, await pixelsOf(answer.drawing, mine.card.background));
  if (mine.guide?.example) await guideByExample(mine);
}

/** Replaces a task's drawing as one undoable step. */
async function put(target, pixels) {
  if (target === bench) hand.cancel();
  const palette = target.card.palette.map((each) => pixelOf(each.colour));
  target.raster.replace(target.card.labels ? snapped(pixels, palette) : pixels);
  if (target === bench) board.finished();
}

async function refreshCards() {
  const answer = await server.catalog({ version });
  if (answer.tasks === null) return;
  ({ version, tasks: cards } = answer);
  $(".cards").replaceChildren(...cards.map((card) => taskCard(card, `Draw ${card.subject}`, () => {
    if (bench?.card.name === card.name) return;
    unlink();
    choose(card);
  })));
  if (!cards.length) {
    studio.dataset.state = "none";
  } else if (!bench || !cards.some((card) => card.name === bench.card.name)) {
    await begin();
  } else {
    bench.card = cards.find((card) => card.name === bench.card.name);
    views.setModels(modelsOf(bench));
    refreshAll();
    live.changed();
  }
}

/** The first screen: what a link asks for, else the task before a reload, else the first that has a finished drawing to show. */
async function begin() {
  const state = stateOf(location.hash);
  const card = cards.find((each) => each.name === state?.task);
  if (!card) {
    if (state) toast("The model this link was made with is not installed here.");
    const last = recall("last task");
    return choose(cards.find((each) => each.name === last) ?? cards.find((each) => each.random) ?? cards[0]);
  }
  settings.noise = state.seed !== null;
  settings.seed = state.seed ?? 0;
  try {
    const pixels = await pixelsOf(state.drawing, card.background);
    benchOf(card).met = true;
    benches.get(card.name).raster.replace(pixels);
  } catch {
    toast("The drawing in this link is damaged.");
  }
  return choose(card);
}


/** Looks for new models now and then: one that train.py adds appears by itself. */
async function watchCatalog() {
  if (!element.isConnected) return;
  if (!document.hidden) {
    const failed = await refreshCards().then(() => false, () => true);
    if (failed !== lost) toast(failed ? "The server cannot be reached. Trying again." : "");
    lost = failed;
  }
  setTimeout(watchCatalog, bench && !lost ? REFRESH : 1000);
}
