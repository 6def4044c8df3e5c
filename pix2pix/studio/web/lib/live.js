// Keeps the pictures in step with the drawing. Every request carries the newest drawing; the server computes one at a time and
// drops a waiting one when a newer comes from the same page. Answers that are older than what is shown, or than the last
// `forget`, are thrown away.

const PAUSE = 40;
const RETRY = 800;
const SPINNER = 300;
// More would show more frames a second, but on a small machine they take the cores that the browser paints with. The end of a
// stroke does not wait for the request before it.
const IN_FLIGHT = 1;

export class Live {
  /** `ask()` gives the newest request, null for an empty drawing; `send(request)` its answer; `show(answer, current)` puts it
   * up and asks `current()` after anything that took time; `busy(on)` is told while pictures are behind
   * the drawing, `waiting(on)` when they are for longer than they should. */
  constructor(ask, send, show, busy, waiting) {
    this.ask = ask;
    this.send = send;
    this.show = show;
    this.busy = busy;
    this.waiting = waiting;
    this.epoch = 0;
    this.forget();
  }

  /** Whatever is on its way no longer counts: the drawing was cleared or the task changed. */
  forget() {
    this.epoch++;
    this.dirty = this.asking = false;
    this.number = this.shown = this.flying = 0;
    this.last = null;
    this.sentAt = 0;
    clearTimeout(this.timer);
    clearTimeout(this.spinner);
    this.waiting(false);
    this.busy(false);
  }

  /** The drawing or a setting changed; `now` does not wait for the next beat. */
  changed(now = false) {
    this.dirty = true;
    this.busy(true);
    this.#next(now);
  }

  #next(now) {
    if (!this.dirty || this.asking || this.flying >= IN_FLIGHT + (now ? 1 : 0)) return;
    const rest = this.sentAt + PAUSE - performance.now();
    clearTimeout(this.timer);
    if (rest > 0 && !now) this.timer = setTimeout(() => this.#next(false), rest);
    else this.#fly(this.epoch);
  }

  async #fly(epoch) {
    this.dirty = false;
    this.asking = true;
    this.sentAt = performance.now();
    const request = await this.ask();
    if (epoch !== this.epoch) return;
    this.asking = false;
    const text = JSON.stringify(request);
    if (text !== this.last) {
      this.last = text;
      this.#answer(epoch, ++this.number, request);
    } else if (this.shown === this.number) this.busy(this.dirty);
    this.#next(false);
  }

  async #answer(epoch, number, request) {
    this.flying++;
    clearTimeout(this.spinner);
    this.spinner = setTimeout(() => this.waiting(true), SPINNER);
    const answer = request === null ? null : await this.send(request);
    if (epoch !== this.epoch) return;
    this.flying--;
    const current = () => epoch === this.epoch && number > this.shown;
    if (current() && !answer?.superseded) {
      await this.show(answer, current);
      if (epoch !== this.epoch) return;
      this.shown = Math.max(this.shown, number);
    }
    if (this.shown === this.number) {
      clearTimeout(this.spinner);
      this.waiting(false);
      this.busy(this.dirty || this.asking);
    }
    if (answer?.busy && number === this.number) {
      this.last = null;
      setTimeout(() => { if (epoch === this.epoch) this.changed(); }, RETRY);
    } else this.#next(false);
  }
}

/** A name for one tab of one visitor, so that the server knows which waiting request a newer one replaces. */
export function pageId() { return String(Math.random()).slice(2); }
