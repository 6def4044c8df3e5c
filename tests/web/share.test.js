import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { decodeLink, dropLink, encodeLink, recall, remember } from "../../pix2pix/studio/web/lib/share.js";

const STATE = { task: "edges2shoes", seed: null, drawing: "data:image/png;base64,ab+/cd==" };

afterEach(() => {
  for (const name of ["location", "history", "sessionStorage"]) delete globalThis[name];
});

test("a link brings everything back but the padding", () => {
  for (const state of [STATE, { ...STATE, seed: 0 }, { ...STATE, seed: 4294967295, drawing: "data:image/jpeg;base64,a_b" }]) {
    const { drawing, ...rest } = decodeLink(encodeLink(state));
    assert.deepEqual(rest, { task: state.task, seed: state.seed });
    const [type, data] = drawing.split(",");
    assert.equal(type, state.drawing.split(",")[0]);
    assert.equal(data, state.drawing.split(",")[1].replaceAll("=", "").replaceAll("_", "/"));
  }
});

test("a link needs no escaping, so that chat programs keep it whole", () => {
  assert.match(encodeLink({ ...STATE, seed: 7 }), /^#[\w=&-]+$/);
});

test("what is no link is none", () => {
  for (const fragment of ["", "#", "#top", "#task=a", "#drawing=ab", "#task=a&drawing=", "#task=a&drawing=<b>", "#task=&drawing=ab"]) {
    assert.equal(decodeLink(fragment), null, fragment);
  }
});

test("a seed that is no number is left out", () => {
  for (const seed of ["x", "-1", "1.5", "12345678901"]) assert.equal(decodeLink(`#task=a&drawing=ab&noise=${seed}`).seed, null);
});

test("a link leaves the address bar, other fragments stay", () => {
  const replaced = [];
  globalThis.history = { state: 1, replaceState: (...values) => replaced.push(values) };
  globalThis.location = { hash: "#top", pathname: "/studio", search: "?a=b" };
  dropLink();
  assert.deepEqual(replaced, []);
  globalThis.location.hash = encodeLink(STATE);
  dropLink();
  assert.deepEqual(replaced, [[1, "", "/studio?a=b"]]);
});

test("a drawing is remembered by task, and a full storage stops nobody", () => {
  const kept = new Map();
  globalThis.sessionStorage = { setItem: (key, value) => kept.set(key, value), getItem: (key) => kept.get(key) ?? null };
  remember("edges2shoes", "drawing");
  assert.equal(recall("edges2shoes"), "drawing");
  assert.equal(recall("aerial2map"), null);
  const full = () => { throw new Error("full"); };
  globalThis.sessionStorage = { setItem: full, getItem: full };
  remember("edges2shoes", "drawing");
  assert.equal(recall("edges2shoes"), null);
});
