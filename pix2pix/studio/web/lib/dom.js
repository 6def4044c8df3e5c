// Elements: finding, making and changing them. Whatever a model says of itself becomes text, never markup.

/** `$` and `all`: the first element inside `element` that a selector matches, and every one. */
export function finder(element) {
  return { $: (selector) => element.querySelector(selector), all: (selector) => [...element.querySelectorAll(selector)] };
}

/** An element: `make("p.help", { title: "..." }, "text", child)`. */
export function make(kind, attributes = {}, ...children) {
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

/** A drawn sign; `path` is SVG path data on 20 x 20 units. */
export function icon(path) {
  const holder = document.createElement("span");
  holder.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${path}"/></svg>`;
  return holder.firstChild;
}

/** Shows `items` in `list`, one node a key: nodes that stay keep their focus. `draw(item, old)` gives the node. */
export function keep(list, items, keyOf, draw) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const key = String(keyOf(item));
    const node = draw(item, old.get(key) ?? null);
    node.dataset.key = key;
    return node;
  });
  if (nodes.length !== list.children.length || nodes.some((node, place) => node !== list.children[place])) list.replaceChildren(...nodes);
}

export function setText(node, text) { if (node.textContent !== text) node.textContent = text; }

/** Shows a button pressed or not. */
export function press(button, on) { button.setAttribute("aria-pressed", String(on)); }
