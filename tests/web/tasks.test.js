import assert from "node:assert/strict";
import { test } from "node:test";

import { BLANK, withColor } from "../../pix2pix/studio/web/draw/tasks.js";

test("a label brings the width of its lines and lays the eraser down; others keep the brush", () => {
  const state = /** @type {any} */ ({ card: { ...BLANK, tool: "rectangle" }, tool: "eraser", size: 6 });
  const motorway = { name: "motorway", color: "#fa9e26", hint: "", size: 8 };
  assert.deepEqual(withColor(state, motorway), { color: "#fa9e26", tool: "rectangle", size: 8 });
  assert.deepEqual(withColor({ ...state, tool: "fill" }, { ...motorway, size: null }), { color: "#fa9e26", tool: "fill", size: 6 });
});
