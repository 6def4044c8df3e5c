// The Models tab: the list on the left, what is chosen beside it, and a look at the server every few seconds while it is seen.

const IDLE = 3000, BUSY = 700;
let models = [], runs = [], pulls = null, version = null;
let chosen = { pane: null, name: null };

/** Shows one of the panes; on a phone it takes the place of the list. */
function open(pane, name) {
  const other = chosen.pane !== pane || chosen.name !== name;
  chosen = { pane, name };
  shelf.dataset.pane = "open";
  for (const each of ["about-model", "about-run", "adding"]) $(`.${each}`).hidden = each !== pane;
  mark();
  if (other && narrow()) $(".pane").focus();
}

function closePane() {
  chosen = { pane: null, name: null };
  shelf.dataset.pane = "none";
  mark();
}

function narrow() { return matchMedia("(max-width: 720px)").matches; }

/** The button in the list of what is chosen. A model that is trained again is there twice. */
function itemOf({ pane, name }) {
  const lists = pane === "about-run" ? ":is(.running, .halted)" : ":is(.usable, .unusable)";
  return pane && $(`.stock ${lists} li[data-key="${CSS.escape(name)}"] .item`);
}

function mark() {
  const current = itemOf(chosen);
  for (const button of element.querySelectorAll(".item")) {
    if (button === current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  $(".add").setAttribute("aria-pressed", String(chosen.pane === "adding"));
}

function itemButton(action) { return make("button.item", { type: "button", onclick: action }); }

function modelButton(model) {
  const button = itemButton(() => showModel(model.name));
  const picture = model.picture ? make("img", { src: model.picture, alt: "" }) : make("i", {}, icon(model.fault ? "M10 6v5m0 3v.5M3 17h14L10 3z" : "M3.500 4h13v12h-13zM3.500 13l4-4 4 4 2-2 3 3"));
  const words = model.fault
    ? [make("b", {}, model.name), make("span.help", {}, model.fault)]
    : [make("b", {}, model.name), make("span.help", {}, `${model.title} · ${model.objective}`), make("span.help", {}, `${model.size} MB · ${model.licence === "unknown" ? "licence unknown" : model.licence}`)];
  button.append(picture, make("span.words", {}, ...words));
  return make("li", {}, button);
}

function drawModels() {
  const focused = [...element.querySelectorAll(".usable .item, .unusable .item")].find((button) => button === document.activeElement);
  const draw = (model) => modelButton(model);
  keep($(".usable ul"), models.filter((model) => !model.fault), (model) => model.name, draw);
  const broken = models.filter((model) => model.fault);
  $(".unusable").hidden = !broken.length;
  keep($(".unusable ul"), broken, (model) => model.name, draw);
  if (focused && !focused.isConnected) itemOf({ pane: "about-model", name: focused.parentNode.dataset.key })?.focus();
}

/** What the list shows of a model, to see whether it changed. */
function cardOf(name) { return JSON.stringify(models.find((model) => model.name === name)); }

async function look() {
  const answer = await server.look({ version, me });
  if (answer.error) return;
  announce(pulls, answer.pulls);
  ({ runs, pulls } = answer);
  const changed = answer.models !== null;
  const before = cardOf(chosen.name);
  if (changed) {
    models = answer.models;
    version = answer.version;
    drawModels();
    $(".none").hidden = models.some((model) => !model.fault);
  }
  drawRuns($(".running"), runs.filter((run) => run.state !== "stopped"));
  drawRuns($(".halted"), runs.filter((run) => run.state === "stopped"));
  drawPulls($(".pulls ul"), pulls ?? []);
  drawPulls($(".arriving ul"), chosen.pane === "adding" ? [] : (pulls ?? []).filter(isActive));
  if (chosen.pane === "adding" && pulls !== null) {
    if (changed) await refreshOffers();
    else drawOffers();
    if (changed && found) $(".search").requestSubmit();
  }
  if (chosen.pane === "about-run") await refreshRun();
  if (chosen.pane === "about-model" && cardOf(chosen.name) !== before) await (cardOf(chosen.name) ? showModel(chosen.name) : closePane());
  if (chosen.pane === null && !narrow()) await first();
  mark();
}

/** What a wide screen shows beside the list before anything is chosen. */
async function first() {
  const usable = models.find((model) => !model.fault);
  if (usable) await showModel(usable.name);
  else if (runs.length) showRun(runs[0].name);
  else await showAdding();
}

async function watchShelf() {
  if (!element.isConnected) return;
  if (element.offsetParent && !document.hidden) await look().catch(() => toast("The server cannot be reached. Trying again."));
  setTimeout(watchShelf, pulls?.some(isActive) ? BUSY : IDLE);
}

$(".add").addEventListener("click", showAdding);
$(".back").addEventListener("click", () => {
  const left = chosen;
  closePane();
  (itemOf(left) ?? $(".add")).focus();
});
watchShelf();
