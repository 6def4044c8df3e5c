// Keeps the pictures in step with the drawing: at most one request is on its way, the next takes the newest drawing,
// and an answer to anything older than the last `forget` is thrown away.

const PAUSE = 40;
const RETRY = 800;
const SPINNER = 300;

class Live {
  /** `ask()` sends the newest drawing and gives the answer, or null for an empty drawing; `show(answer, current)` gets each
   * in order and asks `current()` before it puts anything up that took time to prepare. */
  constructor(ask, show, waiting) {
    this.ask = ask;
    this.show = show;
    this.waiting = waiting;
    this.epoch = 0;
    this.wanted = 0;
    this.shown = 0;
    this.running = false;
  }

  /** The drawing or a setting changed. */
  changed() {
    this.wanted++;
    if (!this.running) this.#run();
  }

  /** Whatever is on its way no longer counts: the drawing was cleared or the task changed. */
  forget() {
    this.epoch++;
    this.running = false;
    this.shown = this.wanted;
    this.waiting(false);
  }

  async #run() {
    const epoch = this.epoch;
    this.running = true;
    while (epoch === this.epoch && this.shown < this.wanted) {
      const number = this.wanted;
      const started = performance.now();
      const slow = setTimeout(() => { if (epoch === this.epoch) this.waiting(true); }, SPINNER);
      const answer = await this.ask().catch(() => ({ error: "The server cannot be reached. Trying again.", busy: true }));
      clearTimeout(slow);
      if (epoch !== this.epoch) return;
      this.waiting(false);
      await this.show(answer, () => epoch === this.epoch);
      if (epoch !== this.epoch) return;
      if (answer?.busy) {
        await new Promise((done) => setTimeout(done, RETRY));
        continue;
      }
      this.shown = number;
      const rest = PAUSE - (performance.now() - started);
      if (rest > 0) await new Promise((done) => setTimeout(done, rest));
    }
    if (epoch === this.epoch) this.running = false;
  }
}
