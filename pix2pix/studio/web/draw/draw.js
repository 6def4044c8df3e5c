// The Draw tab begins here.

import { REFRESH, RETRY } from "../lib/picture-tab.js";
import { listen } from "./actions.js";
import { Board } from "./board.js";
import { refreshCards } from "./tasks.js";

/** Brings the tab in `element` to life; `server` has the functions of draw.py, `upload` sends a file there. */
export default function start(element, server, upload) {
  const board = new Board(element, server, upload);
  let lost = false; // whether the server did not answer last time
  listen(board);
  board.watch(async () => {
    const error = await refreshCards(board);
    if (error) board.trouble(error);
    else if (lost) board.mended();
    lost = Boolean(error);
  }, () => (board.card.name && !lost ? REFRESH : RETRY));
}
