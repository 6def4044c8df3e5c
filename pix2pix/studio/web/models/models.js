// The Models tab begins here.

import { closeByClick } from "../components/lightbox.js";
import { poll } from "../lib/poll.js";
import { isActive, listenToAdding, showAdding } from "./adding.js";
import { look } from "./look.js";
import { ModelsTab } from "./tab.js";

const IDLE = 3000, BUSY = 700;

/** Brings the tab in `element` to life; `server` has the functions of models.py. */
export default function start(element, server) {
  const tab = new ModelsTab(element, server);
  closeByClick(element);
  listenToAdding(tab);
  tab.$(".add").addEventListener("click", () => showAdding(tab));
  tab.$(".back").addEventListener("click", () => {
    const left = tab.chosen;
    tab.close();
    (tab.itemOf(left) ?? tab.$(".add")).focus();
  });
  // Looks at the server every few seconds while it is seen.
  const watch = async () => { if (element.offsetParent) await look(tab).catch(() => tab.toast("The server cannot be reached. Trying again.")); };
  poll(element, watch, () => (tab.pulls?.some(isActive) ? BUSY : IDLE));
}
