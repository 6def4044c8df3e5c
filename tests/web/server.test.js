import assert from "node:assert/strict";
import { test } from "node:test";

import { answering, LOST } from "../../pix2pix/studio/web/lib/server.js";

test("every function answers, also when the network does not", async () => {
  const server = answering({ echo: async (request) => request, silent: async () => undefined, lost: async () => { throw new TypeError("Failed to fetch"); } });
  assert.deepEqual(await server.echo({ a: 1 }), { a: 1 });
  assert.equal(await server.silent({}), LOST);
  assert.equal(await server.lost({}), LOST);
  assert.match(LOST.error, /cannot be reached/);
  assert.equal(LOST.busy, true, "what keeps in step tries again");
});
