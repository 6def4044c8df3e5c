// The Networks tab begins here.

import { NetworksTab } from "./tab.js";

const LOOK = 5000;

/** Brings the tab in `element` to life; `server` has the functions of networks.py. */
export default function start(element, server) {
  const tab = new NetworksTab(element, server);
  tab.watch(async () => { if (element.offsetParent) await tab.look(); }, () => LOOK);
}
