// What the Networks tab knows: which networks there are, and the drawings of the chosen ones.

import { Tab } from "../lib/tab.js";
import { view } from "./view.js";

export class NetworksTab extends Tab {
  constructor(element, server) {
    super(element, server);
    this.version = null; // of the list
    this.networks = [];
    this.chosen = "paper";
    this.drawn = null; // what the server drew last
    this.asked = 0;
    this.render();
  }

  view() { return view(this); }

  /** Asks for the list, and for the drawings if there are none yet. */
  async look() {
    const answer = await this.ask("networks", { version: this.version });
    if (!answer) return;
    this.version = answer.version;
    if (answer.networks) this.networks = answer.networks;
    if (!this.drawn) await this.choose(this.chosen);
    else this.render();
  }

  /** Draws the networks of a model; of two requests the later one counts. */
  async choose(name) {
    const asked = ++this.asked;
    this.chosen = name;
    this.render();
    const answer = await this.ask("network", { name });
    if (asked !== this.asked || !answer) return;
    this.drawn = answer;
    this.render();
  }

  async ask(name, request) {
    const answer = await this.server[name](request);
    this.toast(answer.error ?? "");
    return answer.error ? null : answer;
  }
}
