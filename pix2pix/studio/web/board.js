// The board: one drawing a task, the settings, and the pictures that follow both.

const INVITATION = "Draw something and the models answer here.";
const $ = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];

const studio = $(".studio");
const paper = $(".paper");
const context = paper.getContext("2d");
const views = new Views(studio);
const live = new Live(ask, server.translate, show,
  (busy) => $(".results").setAttribute("aria-busy", String(busy)),
  (slow) => studio.classList.toggle("slow", slow));
const page = String(Math.random()).slice(2); // so that the server knows which waiting request a newer one replaces
const benches = new Map(); // what each task remembers: its drawing, tool, colour, brush size, last random seed, guide, models
let cards = [];
let bench = null;
let settings = { noise: false, seed: 0, critic: false, norm: "", pressure: true };
let penned = false; // whether a pen has been seen

const board = {
  get raster() { return bench.raster; },
  brush(tool = bench.tool) {
    const erasing = tool === "eraser";
    const [, most, size] = sizesOf(bench, tool);
    const pixel = erasing ? bench.raster.background : pixelOf(bench.colour);
    return { tool, size, most, pixel, soft: !bench.card.crisp && !erasing, symmetric: bench.symmetric, pressure: settings.pressure };
  },
  pen() {
    if (penned) return;
    penned = true;
    refreshTool();
    refreshSettings();
  },
  drawn() {
    paint();
    live.changed();
  },
  finished() {
    paint();
    refreshSteps();
    unlink();
    live.changed(true);
  },
  zoomed(scale) { $(".unzoom").hidden = scale === 1; },
};
const hand = new Hand(paper, $(".sheet"), $(".ring"), board);


let painting = 0;
function paint() {
  painting ||= requestAnimationFrame(() => {
    painting = 0;
    $(".invitation").hidden = hand.busy || !bench.raster.isBlank;
    context.putImageData(new ImageData(bench.raster.bytes, SIDE, SIDE), 0, 0);
  });
}

async function ask() {
  const task = bench.card.name;
  const blank = bench.raster.isBlank;
  const drawing = await pngUrl(bench.raster.pixels);
  remember(task, drawing);
  if (blank) return null;
  return {
    page,
    task,
    drawing,
    passing: hand.busy, // while the pen is down, pictures may be written faster than exactly
    noise: settings.noise,
    seed: settings.seed,
    critic: settings.critic && views.judgeable,
    models: views.models.map((model) => model.name),
    norm_statistics: settings.norm || null,
  };
}

async function show(answer, current) {
  if (answer === null) nothing(INVITATION);
  else if (answer.error) toast(answer.error);
  else {
    await views.show(answer, current);
    if (!current()) return;
    toast("");
    const names = views.models.map((model) => model.name).join(", ");
    $(".status").innerHTML = "";
    $(".status").append(bold(`${answer.milliseconds} ms`), ` on ${answer.device} · ${names}`);
  }
  studio.dataset.state = answer === null ? "empty" : answer.error ? "error" : "ready";
}

/** No picture and no time: neither may outlive its drawing. */
function nothing(text) {
  views.empty(text);
  $(".status").textContent = "";
}

function bold(text) {
  const part = document.createElement("b");
  part.textContent = text;
  return part;
}

function toast(text) {
  $(".toast").textContent = text;
  $(".toast").hidden = !text;
}
