// Taking work away: pictures as files, one card with all three, and links that bring everything back.

const CARD = { side: 512, gap: 24, top: 24, bottom: 64 };

function download(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** A canvas as a PNG file of the given name. */
function downloadCanvas(canvas, name) {
  canvas.toBlob((blob) => {
    const url = URL.createObjectURL(blob);
    download(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }, "image/png");
}

/** Saves a picture of any format that browsers show as PNG. */
async function savePicture(url, name) {
  const image = await decoded(url);
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0);
  downloadCanvas(canvas, name);
}

/** Input and both pictures side by side with their names, for showing around. `parts`: [url, caption, crisp]. */
async function saveCard(parts, footer, name) {
  const canvas = document.createElement("canvas");
  const { side, gap, top, bottom } = CARD;
  canvas.width = gap + parts.length * (side + gap);
  canvas.height = top + side + bottom;
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#14171f";
  for (const [number, [url, caption, crisp]] of parts.entries()) {
    const left = gap + number * (side + gap);
    context.imageSmoothingEnabled = !crisp;
    context.imageSmoothingQuality = "high";
    context.drawImage(await decoded(url), left, top, side, side);
    context.strokeStyle = "#d9dce3";
    context.strokeRect(left - 0.5, top - 0.5, side + 1, side + 1);
    context.font = "600 20px 'IBM Plex Sans', sans-serif";
    context.fillText(caption, left, top + side + 36);
  }
  context.font = "15px 'IBM Plex Sans', sans-serif";
  context.fillStyle = "#5b6270";
  context.textAlign = "right";
  context.fillText(footer, canvas.width - gap, top + side + 36);
  downloadCanvas(canvas, name);
}

/** State for a link's fragment: never sent to any server by the browser. */
function fragmentOf(state) {
  const fields = new URLSearchParams({ task: state.task });
  if (state.seed !== null) fields.set("noise", state.seed);
  const [type, data] = state.drawing.split(",");
  fields.set(type.includes("jpeg") ? "photo" : "drawing", data.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
  return "#" + fields;
}

/** The state in a link's fragment, null if there is none. */
function stateOf(fragment) {
  const fields = new URLSearchParams(fragment.slice(1));
  const type = fields.has("photo") ? "jpeg" : "png";
  const drawing = fields.get(type === "jpeg" ? "photo" : "drawing");
  if (!fields.get("task") || !drawing || !/^[\w-]+$/.test(drawing)) return null;
  const seed = /^\d{1,10}$/.test(fields.get("noise") ?? "") ? Number(fields.get("noise")) : null;
  return { task: fields.get("task"), seed, drawing: `data:image/${type};base64,` + drawing.replaceAll("-", "+").replaceAll("_", "/") };
}

/** Keeps a drawing for this tab, so that a reload loses nothing. A full or forbidden storage is no reason to stop anyone drawing. */
function remember(task, drawing) {
  try { sessionStorage.setItem(`pix2pix-${task}`, drawing); } catch { /* it lasts until the reload */ }
}

function recall(task) {
  try { return sessionStorage.getItem(`pix2pix-${task}`); } catch { return null; }
}

// A menu closes as menus do: by a click elsewhere or the escape key.
for (const menu of element.querySelectorAll(".menu")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
