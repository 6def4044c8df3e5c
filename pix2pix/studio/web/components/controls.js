// Controls that several tabs have: signs, task cards, choices, and the menu that saves.

import { html } from "../vendor/htm-preact.js";

export const SIGNS = {
  random: "M3 6h3c4 0 4 8 8 8h3m-2.5-2.5L17 14l-2.5 2.5M3 14h3c1.3 0 2.2-.9 2.9-2M11 8.3c.8-1.3 1.7-2.3 3-2.3h3m-2.5-2.5L17 6l-2.5 2.5",
  upload: "M10 13V4m-3.5 3.5L10 4l3.5 3.5M4 12.5V16h12v-3.5",
  pen: "M4 16l1-4 8.5-8.5 3 3L8 15l-4 1zM12 5l3 3",
  picture: "M3.5 4h13v12h-13zM3.5 13l4-4 4 4 2-2 3 3",
};

/** A drawn sign; `path` is SVG path data on 20 x 20 units. */
export function icon(path) { return html`<svg viewBox="0 0 20 20" aria-hidden="true"><path d=${path} /></svg>`; }

/** The cards above Draw and Photo, a picture and a title for each task; `hint` gives a card's tooltip. */
export function taskCards(cards, chosen, choose, hint = null) {
  return html`<nav class="cards" aria-label="What to translate">${cards.map((card) => html`
    <button key=${card.name} type="button" class="card" title=${hint?.(card) ?? ""} data-task=${card.name} aria-pressed=${card.name === chosen}
      onclick=${() => choose(card)}>${card.picture ? html`<img src=${card.picture} alt="" />` : html`<i>${icon(SIGNS.picture)}</i>`}${card.title}</button>`)}</nav>`;
}

/** A choice of one: `options` are [value, text, disabled], told apart by `data-NAME`. */
export function segments(name, label, options, chosen, choose) {
  return html`<div class="segments" role="group" aria-label=${label}>${options.map(([value, text, disabled = false]) => html`
    <button type="button" ...${{ [`data-${name}`]: value }} aria-pressed=${value === chosen} disabled=${disabled} onclick=${() => choose(value)}>${text}</button>`)}</div>`;
}

/** Something that is on or off. */
export function toggle(kind, text, on, flip, title = "", hidden = false) {
  return html`<button type="button" class=${`chip toggle ${kind}`} aria-pressed=${on} title=${title} hidden=${hidden} onclick=${flip}>${text}</button>`;
}

/** The menu that saves: `items` are [text, action], false ones are left out. It closes by the escape key and, as `closeMenus` sees
 * to, by clicks. */
export function saveMenu(items, off = false) {
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.currentTarget.open = false;
    event.currentTarget.firstChild.focus();
  };
  return html`<details class=${`menu save ${off ? "off" : ""}`} onkeydown=${escape}><summary class="chip">Save</summary>
    <div>${items.filter(Boolean).map(([text, action]) => html`<button type="button" onclick=${action}>${text}</button>`)}</div></details>`;
}

/** Lets a menu inside `element` close as menus do: by a click elsewhere, or on something in it. */
export function closeMenus(element) {
  document.addEventListener("click", ({ target }) => {
    for (const menu of element.querySelectorAll(".menu[open]")) if (!menu.querySelector("summary").contains(target)) menu.open = false;
  });
}
