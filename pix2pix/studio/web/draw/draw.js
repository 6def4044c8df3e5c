// The Draw tab begins here.

import { closeMenus } from "../components/menu.js";
import { listenToActions } from "./actions.js";
import { Board } from "./board.js";
import { watchCatalog } from "./cards.js";
import { listenToSaving } from "./saving.js";

/** Brings the tab in `element` to life; `server` has the functions of draw.py. */
export default function start(element, server) {
  const board = new Board(element, server);
  closeMenus(element);
  listenToActions(board);
  listenToSaving(board);
  watchCatalog(board);
}
