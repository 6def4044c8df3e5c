// A drawing in a link, and a drawing kept over a reload.

/** State for a link's fragment: never sent to any server by the browser. */
export function encodeLink(state) {
  const fields = new URLSearchParams({ task: state.task });
  if (state.seed !== null) fields.set("noise", state.seed);
  const [type, data] = state.drawing.split(",");
  fields.set(type.includes("jpeg") ? "photo" : "drawing", data.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
  return "#" + fields;
}

/** The state in a link's fragment, null if there is none. */
export function decodeLink(fragment) {
  const fields = new URLSearchParams(fragment.slice(1));
  const type = fields.has("photo") ? "jpeg" : "png";
  const drawing = fields.get(type === "jpeg" ? "photo" : "drawing");
  if (!fields.get("task") || !drawing || !/^[\w-]+$/.test(drawing)) return null;
  const seed = /^\d{1,10}$/.test(fields.get("noise") ?? "") ? Number(fields.get("noise")) : null;
  return { task: fields.get("task"), seed, drawing: `data:image/${type};base64,` + drawing.replaceAll("-", "+").replaceAll("_", "/") };
}

/** A link stands for the drawing it was made of: with the first change it leaves the address bar, so that a reload loses nothing. */
export function dropLink() {
  if (decodeLink(location.hash)) history.replaceState(history.state, "", location.pathname + location.search);
}

/** Keeps a drawing for this tab, so that a reload loses nothing. A full or forbidden storage is no reason to stop anyone drawing. */
export function remember(task, drawing) {
  try { sessionStorage.setItem(`pix2pix-${task}`, drawing); } catch { /* it lasts until the reload */ }
}

export function recall(task) {
  try { return sessionStorage.getItem(`pix2pix-${task}`); } catch { return null; }
}
