// The Draw tab begins here.

import { REFRESH, RETRY } from "../lib/picture-tab.js";
import { listen } from "./actions.js";
import { Board } from "./board.js";
import { refreshCards } from "./tasks.js";

/** Brings the tab in `element` to life; `server` has the functions of draw.py. */
export default function start(element, server) {
  const board = new Board(element, server);
  let lost = false; // whether the server did not answer last time
  listen(board);
  board.watch(async () => {
    const failed = await refreshCards(board).then(() => false, () => true);
    if (failed !== lost) board.toast(failed ? "The server cannot be reached. Trying again." : "");
    lost = failed;
  }, () => (board.card.name && !lost ? REFRESH : RETRY));
}
