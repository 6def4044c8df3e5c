// Pulling models: known ones, searched ones, or by name. Pulls go on in the background, for everybody to see.

import { duration, megabytes } from "../lib/units.js";
import { html } from "../vendor/htm-preact.js";

/** @import { ModelsTab } from "./tab.js" */

const STATES = { waiting: "Waits for the one before it", stopping: "Stopping", stopped: "Canceled; pulling it again goes on from here", done: "Here" };

/** What somebody is typing stays in the fields of its forms.
 * @param {ModelsTab} tab */
export function adding(tab) {
  const { pulls, known, found, search } = tab;
  const byName = async (event) => {
    event.preventDefault();
    const form = event.target, { source, name } = form.elements;
    if (await tab.startPull(source.value, name.value)) form.reset();
  };
  const ask = (event) => {
    event.preventDefault();
    tab.searchHub(event.target.elements.text.value);
  };
  return html`
    <header class="pane-head"><h2>Add a model</h2></header>
    <p class="help on" hidden=${!pulls}>Pulls run in the background and go on where they stopped. Nothing is sent anywhere until you press Pull or Search.</p>
    <p class="notice off" hidden=${pulls !== null}>The owner of this studio has switched pulling off. In a copy of your own: <code>python -m pix2pix pull OWNER/NAME</code></p>
    <div class="shop" hidden=${!pulls}>
      ${pulls?.length > 0 && html`<section class="pulls" aria-label="Pulls"><h3>Pulls</h3><ul>${pulls.map((pull) => pullRow(tab, pull))}</ul></section>`}
      <section><h3>By name</h3>
        <form class="row by-name" onsubmit=${byName}>
          <label>Repository <input name="source" type="text" required maxlength="300" placeholder="owner/name" autocomplete="off" autocapitalize="none" spellcheck="false" /></label>
          <label>Called here <input name="name" type="text" maxlength="100" placeholder="as there" autocomplete="off" autocapitalize="none" spellcheck="false" /></label>
          <button class="chip primary">Pull</button>
        </form>
        <p class="help">A repository of the Hugging Face Hub as owner/name, or owner/name@revision for a branch, tag or commit. The second field renames it here.</p>
      </section>
      <section><h3>Search the Hub</h3>
        <form class="row search" role="search" onsubmit=${ask}>
          <label>Words <input name="text" type="search" maxlength="100" placeholder="shoes, facade, a name..." autocomplete="off" /></label>
          <button class="chip" disabled=${search.busy}>Search</button>
        </form>
        <p class="help said" role="status">${search.said}</p>
        <ul class="offers found">${found?.map((model) => offer(tab, model))}</ul>
      </section>
      <section><h3>Known public models</h3>
        <p class="help">Weights of other projects, converted while they are pulled. Their licenses are their owners'.</p>
        <ul class="offers known">${known.map((model) => offer(tab, model))}</ul>
      </section>
    </div>`;
}

/** @param {ModelsTab} tab */
function offer(tab, { source, task, about, where, here }) {
  const pulling = Boolean(tab.pulls?.some((pull) => pull.source === source && isActive(pull)));
  const action = here && !pulling
    ? html`<button key="show" type="button" class="chip small" onclick=${() => tab.showModel(here)}>Here as ${here}</button>`
    : html`<button key="pull" type="button" class="chip small" disabled=${pulling} aria-label=${`Pull ${source}`} onclick=${() => tab.startPull(source)}>${pulling ? "Pulling" : "Pull"}</button>`;
  return html`<li key=${source} class="row"><div class="words"><b>${source}</b><span class="task">${task}</span><span class="help">${[about, where].filter(Boolean).join(" · ")}</span></div>${action}</li>`;
}

export function isActive(pull) { return ["waiting", "pulling", "stopping"].includes(pull.state); }

/** @param {ModelsTab} tab */
export function pullRow(tab, pull) {
  const { number, source, name, state, total, done } = pull, label = `Pull of ${source}`, hidden = !isActive(pull);
  const bar = total ? html`<progress key="far" aria-label=${label} hidden=${hidden} max=${total} value=${done} />` : html`<progress key="wait" aria-label=${label} hidden=${hidden} />`;
  return html`<li key=${number} class=${`pull ${state === "failed" ? "failed" : ""}`}>
    <div class="row"><b>${name ? `${source} as ${name}` : source}</b><span class="grow" /><span class="actions row">${action(tab, pull)}</span></div>
    ${bar}<p class="help">${how(pull)}</p></li>`;
}

/** @param {ModelsTab} tab */
function action(tab, pull) {
  const { source, name, state, folder, mine } = pull;
  const button = (text, act) => html`<button key=${text} type="button" class="chip small" aria-label=${`${text}: ${source}`} onclick=${act}>${text}</button>`;
  if (["waiting", "pulling"].includes(state)) return mine && button("Cancel", () => tab.cancelPull(pull));
  if (["failed", "stopped"].includes(state)) return button("Try again", () => tab.startPull(source, name ?? ""));
  return state === "done" && button("Show", () => tab.showModel(folder));
}

export function how(pull) {
  if (pull.state === "failed") return `${pull.error}.`.replace(/\.\.$/, ".");
  if (pull.state === "done") return `Here as ${pull.folder}`;
  if (pull.state !== "pulling") return STATES[pull.state];
  if (pull.done === undefined) return "Asking the server";
  if (pull.done === pull.total) return "Everything is here; checking it and putting it in place";
  const left = pull.left === null ? "" : `, ${duration(pull.left)} left`;
  return `${megabytes(pull.done)}${pull.total ? ` of ${megabytes(pull.total)}` : ""}, ${megabytes(pull.speed)} a second${left}`;
}
