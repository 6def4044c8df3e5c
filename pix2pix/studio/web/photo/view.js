// What the Photo tab shows: always drawn from what the tab knows, never the other way round.

import { icon, saveMenu, segments, SIGNS, taskCards, toggle } from "../components/controls.js";
import { enlarging } from "../components/overlays.js";
import { download } from "../lib/files.js";
import { html } from "../vendor/htm-preact.js";

/** @import { PhotoTab } from "./tab.js" */

const CAMERA = "M3 6h3l1.5-2h5L14 6h3v10H3zM10 8.2a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2z";
const PHOTO = "M8 14h7l3-5h12l3 5h7v24H8zM24 19v13m-5.5-7.5L24 19l5.500 5.500";
const EXTRACTORS = {
  learned: "A model trained on the same drawings: strokes like those the others know.",
  classical: "Canny's edges: every sharp change of brightness becomes a stroke.",
};

/** @param {PhotoTab} tab */
export function view(tab) {
  const { card, photo, camera, views, advance } = tab;
  const ratio = !card.edges && photo?.size && !camera.on ? photo.size[0] / photo.size[1] : 1;
  return html`
    ${taskCards(tab.cards, card.name, (each) => tab.choose(each))}
    <div class="stage" style=${{ "--ratio": Math.min(2.5, Math.max(0.6, ratio)) }}>
      ${source(tab)}
      ${edges(tab)}
      <div class="answers">
        ${views.results()}
        <section class="controls under" aria-label="Results">
          <div class="row advance" hidden=${!advance}>
            <progress max="1" value=${advance?.share ?? 0} aria-label="How much of the picture is translated" />
            <output>${advance && advance.share === null ? "Waiting for other visitors' pictures" : `${Math.round((advance?.share ?? 0) * 100)} %`}</output>
            <button type="button" class="chip small" onclick=${() => tab.stop()}>Stop</button>
          </div>
          <div class="row">${views.choice()}${saves(tab)}<span class="grow" />${tab.status()}</div>
          <p class="help view-help">${views.help()}</p>
        </section>
      </div>
    </div>`;
}

/** The photo, and where it comes from.
 * @param {PhotoTab} tab */
function source(tab) {
  const { camera, card, framed, photo, settings } = tab;
  const shown = camera.on ? null : framed?.photo ?? photo?.preview, turned = card.edges && settings.mirror && framed;
  const choose = () => tab.find(".file").click();
  const take = ({ target }) => {
    const [file] = target.files;
    target.value = ""; // so that the same file can be chosen again
    if (file) tab.take(file);
  };
  return html`<section class="panel source" aria-label="Your photo">
    <header><h2>Your photo</h2><p class="measure">${photo?.before?.join(" x ")}</p></header>
    <div class="square">
      <button type="button" class="drop" hidden=${photo !== null || camera.on} onclick=${choose}>
        <svg viewBox="0 0 48 48" aria-hidden="true"><path d=${PHOTO} /></svg>
        <b>Add a photo</b><span class="by-mouse">Drop one here, click to choose one, or paste one with Ctrl+V</span><span class="by-touch">Tap to choose or take one</span>
      </button>
      ${image(tab, turned ? "shown mirrored" : "shown", shown, "Your photo", "Photo")}
      <video muted playsinline aria-label="What the camera sees" hidden=${!camera.on} />
      <div class="shutter" hidden=${!camera.on}>
        <button type="button" class="chip" onclick=${async () => tab.take(await camera.snap())}>Take photo</button>
        <button type="button" class="chip" onclick=${() => tab.choose(tab.card)}>Cancel</button>
      </div>
      <i class="progress" />
    </div>
    <div class="under">
      <div class="row">
        <button type="button" class="chip small" title="A photo from your device; dropping or pasting one works too" onclick=${choose}>
          ${icon(SIGNS.upload)}Choose</button>
        <button type="button" class="chip small" title="Take a photo with this device's camera" onclick=${() => tab.openCamera()}>
          ${icon(CAMERA)}Camera</button>
        <button type="button" class="chip small" data-do="example" title="No photo at hand? Take one of ours" hidden=${!card.example} onclick=${() => tab.takeExample()}>
          ${icon(SIGNS.random)}Example</button>
      </div>
      <p class="help photo-help" aria-live="polite">${photoHelp(tab)}</p>
      <input class="file" type="file" accept="image/*,.heic,.heif,.tif,.tiff" hidden onchange=${take} />
    </div>
  </section>`;
}

/** @param {PhotoTab} tab */
function edges(tab) {
  const { drawn, extractor, learned, photo, settings } = tab;
  const extractors = [["learned", "Learned", !learned], ["classical", "Classical"]];
  return html`<section class="panel edges" aria-label="Its edges">
    <header><h2>Edges</h2><p>What the models are given.</p></header>
    <div class="square">${image(tab, "drawn", drawn, "The photo's edges", "Edges")}
      <p class="empty" hidden=${drawn !== null}>${photo ? "" : "The photo's edges appear here."}</p></div>
    <div class="under">
      <div class="row">
        ${segments("extractor", "Extractor", extractors, extractor, (each) => tab.change({ extractor: each }))}
        ${toggle("mirror", "Mirror", settings.mirror, () => tab.change({ mirror: !settings.mirror }), "Left becomes right")}
      </div>
      <p class="help extractor-help">${EXTRACTORS[extractor]}${learned ? "" : " The learned extractor needs a photo2edges model."}</p>
      <label class="size detail">Detail <input type="range" min="0" max="100" step="1" value=${settings.detail}
        oninput=${(event) => tab.change({ detail: event.target.valueAsNumber })} /><output>${settings.detail}</output></label>
      <p class="help">Few strokes at 0, many at 100. Outlines with some inner lines come closest to the training drawings.</p>
      <button type="button" class="chip edit" disabled=${!drawn} onclick=${() => tab.edit()}>${icon(SIGNS.pen)}Edit on the canvas</button>
      <p class="help">Opens these edges on the Draw tab, to erase and add strokes.</p>
    </div>
  </section>`;
}

/** A picture that can be enlarged, hidden where there is none.
 * @param {PhotoTab} tab */
function image(tab, kind, url, words, title) {
  return html`<img class=${kind} ...${enlarging(() => tab.enlarge(url, title))} src=${url} alt=${url ? `${words}, press to enlarge` : ""} hidden=${!url} />`;
}

/** @param {PhotoTab} tab */
function photoHelp({ camera, card, photo, framed }) {
  if (camera.on) return "Nothing is sent before you press Take photo.";
  if (!photo) {
    if (card.edges) return `A plain background works best.${card.name === "edges2shoes" ? " The toe should point left." : ""}`;
    return "Any size; up to 2048 pixels a side are translated.";
  }
  if (framed) {
    if (framed.plain) return "Centered on its page as in the training photos, a light background made white.";
    return "The background is busy and gets edges too. A plain one works best; the canvas has an eraser.";
  }
  if (!photo.size) return "";
  if (Math.max(...photo.before) > Math.max(...photo.size)) return `Reduced to ${photo.size.join(" x ")}: up to 2048 pixels a side are translated.`;
  return "Translated whole, in overlapping tiles of the size the models were trained on.";
}

/** @param {PhotoTab} tab */
function saves(tab) {
  const { card, drawn, framed, views } = tab;
  return saveMenu([
    drawn && ["Edges", () => download(drawn, `${card.name}-edges.png`)],
    ...tab.pictureItems(),
    drawn && ["Card with all of them", () => tab.saveCard(card.name, [[framed.photo, "Photo", false], [drawn, "Edges", false]])],
  ], !views.answer && !drawn);
}
