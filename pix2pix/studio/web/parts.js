// Small parts of the Models tab. Whatever a model says of itself becomes text, never markup.

const $ = (selector) => element.querySelector(selector);
const shelf = $(".shelf");

/** An element: `make("p.help", { title: "..." }, "text", child)`. */
function make(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  node.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== false));
  return node;
}

function icon(path) {
  const holder = document.createElement("span");
  holder.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${path}"/></svg>`;
  return holder.firstChild;
}

/** Shows `items` in `list`, one node a key: nodes that stay keep their focus. `draw(item, old)` gives the node. */
function keep(list, items, keyOf, draw) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const key = String(keyOf(item));
    const node = draw(item, old.get(key) ?? null);
    node.dataset.key = key;
    return node;
  });
  if (nodes.length !== list.children.length || nodes.some((node, place) => node !== list.children[place])) list.replaceChildren(...nodes);
}

function setText(node, text) { if (node.textContent !== text) node.textContent = text; }

function megabytes(count) { return `${(count / 1e6).toFixed(1)} MB`; }

/** A time to wait, as people say it. */
function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  return `${Math.round(seconds / 86_400)} days`;
}

let hushing = 0;
function toast(text) {
  $(".toast").textContent = text;
  $(".toast").hidden = !text;
  clearTimeout(hushing);
  if (text) hushing = setTimeout(() => toast(""), 6000);
}

/** A picture that a click enlarges. */
function enlargeable(url, caption) {
  const image = make("img", { src: url, alt: caption });
  const button = make("button.frame", { type: "button", title: "Enlarge", "aria-label": `Enlarge: ${caption}` }, image);
  button.addEventListener("click", () => {
    const box = $(".lightbox");
    Object.assign(box.querySelector("img"), { src: image.src, alt: caption });
    box.querySelector("span").textContent = caption;
    box.showModal();
  });
  return button;
}
$(".lightbox").addEventListener("click", (event) => { if (event.target === event.currentTarget) event.target.close(); });

/** What the server answers, or null once its refusal has been shown. */
async function asked(answer) {
  const result = await answer.catch(() => ({ error: "The server cannot be reached." }));
  if (!result.error) return result;
  toast(result.error);
  return null;
}
