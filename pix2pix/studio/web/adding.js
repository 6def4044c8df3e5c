// Pulling models: known ones, searched ones, or by name. Pulls go on in the background, for everybody to see.

const PULL_STATES = { waiting: "Waits for the one before it", stopping: "Stopping", stopped: "Cancelled; pulling it again goes on from here", done: "Here" };
// Tells this browser's pulls from those of others: only who began one can cancel it.
const me = (() => {
  const fresh = crypto.getRandomValues(new Uint32Array(4)).join("-");
  try {
    localStorage.setItem("pix2pix-me", localStorage.getItem("pix2pix-me") ?? fresh);
    return localStorage.getItem("pix2pix-me");
  } catch {
    return fresh; // storage is off: lasts until reload
  }
})();
let known = [];
let found = null;

async function showAdding() {
  open("adding", "");
  $(".off").hidden = pulls !== null;
  $(".shop").hidden = $(".on").hidden = pulls === null;
  if (pulls !== null) await refreshOffers();
}

async function refreshOffers() {
  known = (await asked(server.known({})))?.models ?? known;
  drawOffers();
}

function drawOffers() {
  keep($(".known"), known, (model) => model.source, offer);
  if (found) keep($(".found"), found, (model) => model.source, offer);
}

function offer(model, old) {
  const pulling = pulls.some((pull) => pull.source === model.source && isActive(pull));
  const state = model.here && !pulling ? `here ${model.here}` : String(pulling);
  if (old?.dataset.state === state) return old;
  const action = model.here && !pulling
    ? make("button.chip.small", { type: "button", onclick: () => showModel(model.here) }, `Here as ${model.here}`)
    : make("button.chip.small", { type: "button", disabled: pulling, "aria-label": `Pull ${model.source}`, onclick: () => startPull(model.source) }, pulling ? "Pulling" : "Pull");
  return make("li.row", { "data-state": state }, make("div.words", {}, make("b", {}, model.source), make("span.task", {}, model.task), make("span.help", {}, [model.about, model.where].filter(Boolean).join(" · "))), action);
}

function isActive(pull) { return ["waiting", "pulling", "stopping"].includes(pull.state); }

/** Queues a pull; whether that was possible. */
async function startPull(source, name = "") {
  const pull = await asked(server.pull({ source, name, me }));
  if (!pull) return false;
  await look();
  return true;
}

function drawPulls(list, items) {
  list.closest("section").hidden = !items.length;
  keep(list, items, (pull) => pull.number, pullRow);
}

/** Says once that a pull has ended, wherever its reader is on the tab. */
function announce(before, after) {
  for (const pull of after ?? []) {
    const was = before?.find((each) => each.number === pull.number);
    if (was && was.state !== pull.state && ["done", "failed"].includes(pull.state)) toast(pull.state === "done" ? `${pull.folder} is here.` : how(pull));
  }
}

function pullRow(pull, old) {
  const row = old ?? make("li.pull", {}, make("div.row", {}, make("b", {}, pull.name ? `${pull.source} as ${pull.name}` : pull.source), make("span.grow"), make("span.actions.row")),
    make("progress", { "aria-label": `Pull of ${pull.source}` }), make("p.help"));
  const bar = row.querySelector("progress");
  bar.hidden = !isActive(pull);
  if (pull.total) Object.assign(bar, { max: pull.total, value: pull.done });
  else bar.removeAttribute("value");
  row.classList.toggle("failed", pull.state === "failed");
  setText(row.querySelector(".help"), how(pull));
  if (row.dataset.state !== pull.state) row.querySelector(".actions").replaceChildren(...pullActions(pull));
  row.dataset.state = pull.state;
  return row;
}

function how(pull) {
  if (pull.state === "failed") return `${pull.error}.`.replace(/\.\.$/, ".");
  if (pull.state === "done") return `Here as ${pull.folder}`;
  if (pull.state !== "pulling") return PULL_STATES[pull.state];
  if (pull.done === undefined) return "Asking the server";
  if (pull.done === pull.total) return "Everything is here; checking it and putting it in place";
  const left = pull.left === null ? "" : `, ${duration(pull.left)} left`;
  return `${megabytes(pull.done)}${pull.total ? ` of ${megabytes(pull.total)}` : ""}, ${megabytes(pull.speed)} a second${left}`;
}

function pullActions(pull) {
  const button = (text, action) => make("button.chip.small", { type: "button", "aria-label": `${text}: ${pull.source}`, onclick: action }, text);
  if (["waiting", "pulling"].includes(pull.state)) return pull.mine ? [button("Cancel", async () => { if (await asked(server.cancel({ number: pull.number, me }))) look(); })] : [];
  if (["failed", "stopped"].includes(pull.state)) return [button("Try again", () => startPull(pull.source, pull.name ?? ""))];
  return pull.state === "done" ? [button("Show", () => showModel(pull.folder))] : [];
}

$(".by-name").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { source, name } = event.target.elements;
  if (await startPull(source.value, name.value)) event.target.reset();
});

$(".search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = $(".said"), button = event.target.querySelector("button");
  said.textContent = "Searching";
  button.disabled = true;
  const answer = await server.search({ text: event.target.elements.text.value }).catch(() => ({ error: "The server cannot be reached." }));
  button.disabled = false;
  found = answer.models ?? [];
  said.textContent = answer.error ?? `${answer.found || "No"} model${answer.found === 1 ? "" : "s"} found${answer.found > found.length ? `, the first ${found.length} are shown` : ""}.${answer.all ? "" : " Only the most downloaded were looked through; others can be pulled by name."}`;
  drawOffers();
});
