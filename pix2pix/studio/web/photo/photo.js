// The Photo tab begins here.

import { closeMenus } from "../components/menu.js";
import { poll } from "../lib/poll.js";
import { listen } from "./actions.js";
import { PhotoTab } from "./tab.js";

const REFRESH = 5_000;

/** Brings the tab in `element` to life; `server` has the functions of photo.py, `upload` sends a file there. */
export default function start(element, server, upload) {
  const tab = new PhotoTab(element, server, upload);
  closeMenus(element);
  listen(tab);
  // Looks for new models now and then.
  const look = async () => { if (element.offsetParent || !tab.card) await tab.refreshCards().catch(() => {}); };
  poll(element, look, () => (tab.card ? REFRESH : 1000));
}
