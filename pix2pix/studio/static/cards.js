// Task cards: which models there are, the drawing each task keeps, and what the first screen shows.

const REFRESH = 15_000;

function benchOf(card) {
  if (!benches.has(card.name)) {
    const colour = card.palette.find((each) => each.name === card.colour) ?? card.palette[0];
    benches.set(card.name, {
      raster: new Raster(card.background), tool: card.tool, colour: colour.colour, size: card.sizes[2],
      symmetric: false, next: card.firstSeed, guide: null, guided: false, chosen: [],
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
  await put(mine, await pixelsOf(answer.drawing, mine.card.background));
}

/** Replaces a task's drawing as one undoable step. */
async function put(target, pixels) {
  if (target === bench) hand.cancel();
  const palette = target.card.palette.map((each) => pixelOf(each.colour));
  target.raster.replace(target.card.labels ? snapped(pixels, palette) : pixels);
  if (target === bench) board.finished();
}

async function refreshCards() {
  const answer = await server.catalog({});
  const text = JSON.stringify(answer.tasks);
  if (text === JSON.stringify(cards) && studio.dataset.state !== "starting") return;
  cards = answer.tasks;
  $(".cards").replaceChildren(...cards.map(cardButton));
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

function cardButton(card) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "card";
  button.dataset.task = card.name;
  button.title = `Draw ${card.subject}`;
  const picture = document.createElement(card.picture ? "img" : "i");
  if (card.picture) Object.assign(picture, { src: card.picture, alt: "" });
  const title = document.createElement("span");
  title.textContent = card.title;
  button.append(picture, title);
  button.addEventListener("click", () => { if (bench?.card.name !== card.name) choose(card); });
  return button;
}

/** The first screen: what a link asks for, else the first card that has a finished drawing to show. */
async function begin() {
  const state = stateOf(location.hash);
  const card = cards.find((each) => each.name === state?.task);
  if (!card) {
    if (state) toast("The model this link was made with is not installed here.");
    return choose(cards.find((each) => each.random) ?? cards[0]);
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
  if (!document.hidden) await refreshCards().catch(() => toast("The server cannot be reached. Trying again."));
  setTimeout(watchCatalog, bench ? REFRESH : 1000);
}
