// The Models tab begins here.

import { ModelsTab } from "./tab.js";

const IDLE = 3000, BUSY = 700;

/** Brings the tab in `element` to life; `server` has the functions of models.py. */
export default function start(element, server) {
  const tab = new ModelsTab(element, server);
  // Looks at the server every few seconds while it is seen.
  const look = async () => { if (element.offsetParent) await tab.look(); };
  tab.watch(look, () => (tab.busy ? BUSY : IDLE));
}
