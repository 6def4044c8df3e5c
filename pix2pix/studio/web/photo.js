// The Photo tab: a photo, for edge tasks its edges, and the pictures of both models. What belongs to an older photo or task
// never shows: `turn` counts them.

const REFRESH = 5_000;
const BEAT = 250; // between two questions how far a large picture is
const ADD = "Add a photo and the models answer here.";
const $ = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];

const studio = $(".studio");
const views = new Views(studio);
const camera = new Camera($("video"));
const live = new Live(ask, answered, show,
  (busy) => $(".results").setAttribute("aria-busy", String(busy)),
  (slow) => studio.classList.toggle("slow", slow));
const page = String(Math.random()).slice(2); // so that the server knows which waiting request a newer one replaces
const settings = { extractor: null, detail: 50, mirror: false };
let cards = [];
let version = null; // of the cards
let learned = false;
let card = null;
let photo = null; // { blob, preview, before }
let framed = null; // the photo on its page, for edge tasks: { photo, inner }
let drawn = null; // the edges as a URL
let job = null;
let turn = 0;
let asked = 0, drawnOf = 0; // which request the edges on the page answer
let examples = 0;
let held = []; // URLs of large pictures, to be let go

/** Calls the server; what goes wrong on the way is told as a Refusal. */
async function told(name, request) {
  const answer = await server[name](request);
  if (!answer) throw new Refusal("The server cannot be reached. Please try again.");
  if (answer.error) throw new Refusal(answer.error);
  return answer;
}

/** Runs what may be refused; the refusal's words go on the page if it is still about the same photo and task. */
async function tried(action) {
  const mine = turn;
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (mine === turn) failed(error.message);
  }
}

function failed(text) {
  toast(text);
  studio.classList.remove("slow");
  advance(null);
  refresh();
  views.empty(photo ? "No picture this time. Press the task's card to try again." : ADD);
  studio.dataset.state = "error";
}

/** Takes a new photo, whatever was going on. */
function take(file) {
  toast("");
  begin();
  studio.dataset.state = "working"; // a large one takes a moment to be read
  studio.classList.add("slow");
  return tried(async () => {
    const mine = turn;
    const fresh = await prepared(file);
    if (mine !== turn) return;
    if (photo?.preview) URL.revokeObjectURL(photo.preview);
    photo = fresh;
    await translated();
  });
}

/** Whatever is on its way no longer counts. */
function begin() {
  turn++;
  live.forget();
  camera.close();
  if (job) server.stop({ job });
  framed = drawn = job = null;
  advance(null);
  views.empty(photo ? "" : ADD);
  $(".status").textContent = "";
  refresh();
}

/** Sends the photo for the chosen task and follows it to the pictures. */
async function translated() {
  const mine = turn;
  studio.dataset.state = "working";
  studio.dataset.photo = "there";
  studio.classList.add("slow");
  views.empty("");
  refresh();
  const path = await sent(photo.blob);
  if (mine !== turn) return;
  const opened = await told("open_photo", { path, page, task: card.name, preview: !photo.preview }).catch((error) => {
    if (mine === turn && !photo.preview) photo = null; // nobody can read it: there is nothing to show or to try again
    throw error;
  });
  if (mine !== turn) {
    if (opened.job) server.stop({ job: opened.job });
    return;
  }
  photo.preview ??= opened.preview;
  photo.before ??= opened.before;
  photo.size = opened.size;
  if (opened.job) {
    job = opened.job;
    refresh();
    return followed(mine);
  }
  framed = opened;
  refresh();
  live.changed(true);
}

/** Asks how far a large picture is until it is there. */
async function followed(mine) {
  while (mine === turn) {
    const answer = await told("look", { job });
    if (mine !== turn) return;
    if (answer.pictures) {
      const done = job;
      job = null;
      const pictures = await blobs(answer.pictures).finally(() => server.stop({ job: done }));
      return mine === turn ? show({ ...answer, pictures, large: true }, () => mine === turn) : null;
    }
    advance(answer.share ?? 0, answer.share === null);
    await new Promise((resolve) => setTimeout(resolve, BEAT));
  }
}

function ask() {
  return framed && {
    page, task: card.name, photo: framed.photo, inner: framed.inner,
    mirror: settings.mirror, extractor: extractor(), detail: settings.detail / 100,
  };
}

/** The edges, shown as soon as they are there, and then the pictures of them. */
async function answered(request) {
  const mine = turn, number = ++asked;
  const lost = { error: "The server cannot be reached. Trying again.", busy: true };
  const edges = await server.edges(request);
  if (!edges || edges.error) return edges ?? lost;
  if (mine === turn && number > drawnOf) {
    drawnOf = number;
    drawn = edges.drawing;
    refresh();
  }
  if (edges.blank) return { blank: true };
  return (await server.translate({ page, task: request.task, drawing: edges.drawing })) ?? lost;
}

async function show(answer, current) {
  if (!answer) return;
  if (answer.error) return failed(answer.error);
  advance(null);
  toast("");
  if (answer.blank) {
    views.empty("No edges were found. More detail may find some.");
    $(".status").textContent = "";
  } else {
    const size = answer.large ? photo.size : [256, 256];
    [views.difference.width, views.difference.height] = size;
    await views.show(answer, current);
    if (!current()) return;
    report(answer);
  }
  studio.classList.remove("slow");
  studio.dataset.state = answer.blank ? "empty" : "ready";
  refreshSaves();
}

/** Fetches large pictures, which the server keeps until then; URLs of what the browser has now. Throws Refusal. */
async function blobs(pictures) {
  for (const url of held.splice(0)) URL.revokeObjectURL(url);
  const entries = await Promise.all(Object.entries(pictures).map(async ([key, address]) => {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) throw new Refusal("The pictures could not be fetched. Press the task's card to try again.");
    return [key, URL.createObjectURL(await answer.blob())];
  }));
  held = entries.map(([, url]) => url);
  return Object.fromEntries(entries);
}

function report(answer) {
  const time = document.createElement("b");
  time.textContent = answer.milliseconds < 2000 ? `${answer.milliseconds} ms` : `${(answer.milliseconds / 1000).toFixed(1)} s`;
  const names = card.models.map((model) => model.name).join(", ");
  const size = answer.large ? ` · ${photo.size.join(" x ")}` : "";
  $(".status").replaceChildren(time, ` on ${answer.device}${size} · ${names}`);
}

function toast(text) {
  $(".toast").textContent = text;
  $(".toast").hidden = !text;
}

function extractor() { return learned && settings.extractor !== "classical" ? "learned" : "classical"; }

function choose(chosen) {
  card = chosen;
  begin();
  views.setModels(card.models);
  views.empty(photo ? "" : ADD);
  studio.dataset.state = "empty";
  toast("");
  refresh();
  if (photo) tried(translated);
}

async function refreshCards() {
  const answer = await server.cards({ version });
  if (!answer?.tasks) return;
  ({ version, tasks: cards, learned } = answer);
  $(".cards").replaceChildren(...cards.map((each) => taskCard(each, "", () => choose(each))));
  const same = cards.find((each) => each.name === card?.name);
  if (!cards.length) {
    card = null;
    begin();
    studio.dataset.state = "none";
  } else if (same && JSON.stringify(same.models) === JSON.stringify(card.models)) {
    card = same;
    refresh();
  } else choose(same ?? cards[0]);
}

/** Looks for new models now and then. */
async function watchCards() {
  if (!element.isConnected) return;
  if (!document.hidden && (element.offsetParent || !card)) await refreshCards().catch(() => {});
  setTimeout(watchCards, card ? REFRESH : 1000);
}
