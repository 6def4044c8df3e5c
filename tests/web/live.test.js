import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Live } from "../../pix2pix/studio/web/lib/live.js";
import { LOST } from "../../pix2pix/studio/web/lib/server.js";

let now, sent, shown, busy, waiting, drawing;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  now = 10_000;
  performance.now = () => now;
  [sent, shown, busy, waiting, drawing] = [[], [], null, null, 1];
});

/** A Live whose requests wait in `sent` for `answer`. */
function live() {
  const send = (request) => new Promise((answer) => sent.push({ request, answer }));
  const show = (answer) => { shown.push(answer); };
  return new Live(() => drawing, send, show, (on) => { busy = on; }, (on) => { waiting = on; });
}

/** Lets time pass, and everything happen that was promised. */
async function pass(milliseconds = 0) {
  now += milliseconds;
  mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test("a change is sent at once and its answer shown", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  assert.deepEqual(sent.map(({ request }) => request), [1]);
  assert.equal(busy, true);
  sent[0].answer({ pictures: "a" });
  await pass();
  assert.deepEqual(shown, [{ pictures: "a" }]);
  assert.equal(busy, false);
});

test("while a request is on its way changes gather, and the newest goes next", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  for (drawing = 2; drawing < 6; drawing++) pictures.changed();
  await pass(100);
  assert.equal(sent.length, 1);
  sent[0].answer({ pictures: "a" });
  await pass();
  assert.deepEqual(sent.map(({ request }) => request), [1, 6]);
  assert.equal(busy, true);
});

test("the end of a stroke does not wait, and an older answer that comes later is not shown", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  drawing = 2;
  pictures.changed(true);
  await pass();
  assert.equal(sent.length, 2);
  sent[1].answer({ pictures: "new" });
  await pass();
  sent[0].answer({ pictures: "old" });
  await pass();
  assert.deepEqual(shown, [{ pictures: "new" }]);
  assert.equal(busy, false);
});

test("two requests are 40 ms apart", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  sent[0].answer({});
  await pass();
  drawing = 2;
  pictures.changed();
  await pass(30);
  assert.equal(sent.length, 1);
  await pass(10);
  assert.equal(sent.length, 2);
});

test("what was sent already is not sent again", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  sent[0].answer({});
  await pass(100);
  pictures.changed();
  await pass(100);
  assert.equal(sent.length, 1);
  assert.equal(busy, false);
});

test("an empty drawing asks the server nothing", async () => {
  const pictures = live();
  drawing = null;
  pictures.changed();
  await pass();
  assert.equal(sent.length, 0);
  assert.deepEqual(shown, [null]);
});

test("after `forget` no answer counts", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  pictures.forget();
  assert.equal(busy, false);
  sent[0].answer({ pictures: "a" });
  await pass();
  assert.deepEqual(shown, []);
});

test("a superseded answer is passed over", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  drawing = 2;
  pictures.changed(true);
  await pass();
  sent[0].answer({ superseded: true });
  sent[1].answer({ pictures: "b" });
  await pass();
  assert.deepEqual(shown, [{ pictures: "b" }]);
});

test("waiting is told after 300 ms, and over with the answer", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  await pass(299);
  assert.equal(waiting, false);
  await pass(1);
  assert.equal(waiting, true);
  sent[0].answer({});
  await pass();
  assert.equal(waiting, false);
});

test("a lost request is told and tried again after 800 ms, as is one that a busy server refused", async () => {
  const pictures = live();
  pictures.changed();
  await pass();
  sent[0].answer(LOST);
  await pass();
  assert.match(shown[0].error, /cannot be reached/);
  await pass(800);
  assert.equal(sent.length, 2);
  sent[1].answer({ error: "Busy.", busy: true });
  await pass();
  await pass(800);
  assert.deepEqual(sent.map(({ request }) => request), [1, 1, 1]);
});
