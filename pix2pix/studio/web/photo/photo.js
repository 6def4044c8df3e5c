// The Photo tab begins here.

import { receiveFiles } from "../lib/intake.js";
import { REFRESH, RETRY } from "../lib/picture-tab.js";
import { PhotoTab } from "./tab.js";

/** Brings the tab in `element` to life; `server` has the functions of photo.py, `upload` sends a file there. */
export default function start(element, server, upload) {
  const tab = new PhotoTab(element, server, upload);
  receiveFiles(tab.studio, (file) => { if (tab.card.name) tab.take(file); });
  // The camera goes off with the tab it is on.
  new IntersectionObserver(() => {
    if (!tab.camera.on || tab.find("video").offsetParent) return;
    tab.camera.close();
    tab.render();
  }).observe(tab.find("video"));
  tab.watch(async () => { if (element.offsetParent || !tab.card.name) await tab.refreshCards(); }, () => (tab.card.name ? REFRESH : RETRY));
}
