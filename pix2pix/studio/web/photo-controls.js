// What the Photo tab's controls show, always drawn from the state, and what they do.

const EXTRACTORS = {
  learned: "A model trained on the same drawings: strokes like those the others know.",
  classical: "Canny's edges: every sharp change of brightness becomes a stroke.",
};

function press(button, on) { button.setAttribute("aria-pressed", String(on)); }

function refresh() {
  if (!card) return;
  for (const each of all(".card")) press(each, each.dataset.task === card.name);
  studio.dataset.kind = card.edges ? "edges" : "photo";
  studio.dataset.photo = photo || camera.on ? "there" : "none";
  const ratio = !card.edges && photo?.size && !camera.on ? photo.size[0] / photo.size[1] : 1;
  $(".stage").style.setProperty("--ratio", Math.min(2.5, Math.max(0.6, ratio)));
  $(".drop").hidden = photo !== null || camera.on;
  $("video").hidden = $(".shutter").hidden = !camera.on;
  const shown = !camera.on && photo && (framed?.photo ?? photo.preview);
  picture($(".shown"), shown || null, "Your photo");
  $(".shown").classList.toggle("mirrored", card.edges && settings.mirror && framed !== null);
  $(".measure").textContent = photo?.before ? photo.before.join(" x ") : "";
  picture($(".drawn"), drawn, "The photo's edges");
  $(".edges .empty").hidden = drawn !== null;
  $(".edges .empty").textContent = photo ? "" : "The photo's edges appear here.";
  $(".photo-help").textContent = photoHelp();
  $("[data-do=example]").hidden = !card.example;
  press($(".mirror"), settings.mirror);
  for (const each of all("[data-extractor]")) {
    press(each, each.dataset.extractor === extractor());
    each.disabled = each.dataset.extractor === "learned" && !learned;
  }
  $(".extractor-help").textContent = EXTRACTORS[extractor()] + (learned ? "" : " The learned extractor needs a photo2edges model.");
  $(".detail output").textContent = settings.detail;
  $(".edit").disabled = drawn === null;
  for (const each of all("[data-view]")) press(each, (each.dataset.view === "compare") === views.comparing);
  $("[data-view=compare]").disabled = views.models.length < 2;
  refreshSaves();
}

function picture(image, url, words) {
  image.hidden = !url;
  if (url && image.src !== url) image.src = url;
  image.alt = url ? `${words}, press to enlarge` : "";
}

function photoHelp() {
  if (camera.on) return "Nothing is sent before you press Take photo.";
  if (!photo) {
    if (card.edges) return `A plain background works best.${card.name === "edges2shoes" ? " The toe should point left." : ""}`;
    return card.labels ? "These models take drawn maps, not photographs: add a picture of one, any size." : "Any size; up to 2048 pixels a side are translated.";
  }
  if (framed) {
    if (framed.plain) return "Centred on its page as in the training photos, a light background made white.";
    return "The background is busy and gets edges too. A plain one works best; the canvas has an eraser.";
  }
  if (!photo.size) return "";
  const size = photo.size.join(" x ");
  if (Math.max(...photo.before) > Math.max(...photo.size)) return `Reduced to ${size}: up to 2048 pixels a side are translated.`;
  return "Translated whole, in overlapping tiles of the size the models were trained on.";
}

function refreshSaves() {
  $("[data-save=edges]").hidden = $("[data-save=card]").hidden = !drawn;
  for (const number of [0, 1]) {
    const button = $(`[data-save="${number}"]`);
    button.textContent = views.titleOf(number);
    button.hidden = !views.titleOf(number);
  }
  $(".save").classList.toggle("off", !views.url(0) && !drawn);
}

/** How much of a large picture is done, from 0 to 1; null hides it. */
function advance(share, waiting = false) {
  $(".advance").hidden = share === null;
  $(".advance progress").value = share ?? 0;
  $(".advance output").textContent = waiting ? "Waiting for other visitors' pictures" : `${Math.round((share ?? 0) * 100)} %`;
}

const actions = {
  choose() {
    $(".file").value = "";
    $(".file").click();
  },
  async camera() {
    toast("");
    begin();
    await tried(() => camera.open());
    refresh();
    if (camera.on) $("[data-do=snap]").focus();
  },
  async snap() { await take(await camera.snap()); },
  shut() {
    camera.close();
    choose(card);
  },
  example() {
    toast("");
    const seed = card.firstSeed + examples++;
    return tried(async () => {
      const mine = turn;
      studio.classList.add("slow");
      const { picture } = await told("example", { task: card.name, seed });
      if (mine === turn) await take(await (await fetch(picture)).blob());
    });
  },
  stop() {
    begin();
    views.empty("Stopped. Press the task's card to start again.");
    studio.classList.remove("slow");
    studio.dataset.state = "empty";
  },
};

for (const button of all("[data-do]")) button.addEventListener("click", () => card && actions[button.dataset.do]());
for (const button of all("[data-view]")) button.addEventListener("click", () => { views.setView(button.dataset.view); refresh(); });
for (const button of all("[data-extractor]")) button.addEventListener("click", () => changed({ extractor: button.dataset.extractor }));
$(".mirror").addEventListener("click", () => changed({ mirror: !settings.mirror }));
$(".detail input").addEventListener("input", (event) => changed({ detail: event.target.valueAsNumber }));
receivePhotos(studio, $(".file"), (file) => card && take(file));

function changed(changes) {
  Object.assign(settings, changes);
  refresh();
  if (framed) live.changed();
}

$(".edit").addEventListener("click", async () => {
  const guide = settings.mirror ? await mirrored(framed.photo) : framed.photo;
  document.dispatchEvent(new CustomEvent("studio:draw", { detail: { task: card.name, picture: drawn, guide } }));
});

async function mirrored(url) {
  const image = await decoded(url);
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d");
  context.scale(-1, 1);
  context.drawImage(image, -canvas.width, 0);
  return canvas.toDataURL();
}

// The camera goes off with the tab it is on.
new IntersectionObserver(() => {
  if (!camera.on || $("video").offsetParent) return;
  camera.close();
  refresh();
}).observe($("video"));

all("[data-save]").forEach((button) => button.addEventListener("click", () => {
  $(".save").open = false;
  const what = button.dataset.save;
  if (what === "edges") return download(drawn, `${card.name}-edges.png`);
  if (!views.url(0)) return toast("There is no picture yet.");
  if (what !== "card") return savePicture(views.url(Number(what)), `${card.models[what].name}.png`);
  const parts = [[framed.photo, "Photo", false], [drawn, "Edges", false]];
  card.models.forEach((_, place) => parts.push([views.url(place), views.titleOf(place), false]));
  return saveCard(parts, "pix2pix studio", `${card.name}-card.png`);
}));

enlargeable($(".shown"), () => "Photo");
enlargeable($(".drawn"), () => "Edges");

watchCards();
