// What the page uses of htm-preact.js. A template's values are anything, and so is what it gives.

export function html(strings: TemplateStringsArray, ...values: any[]): any;
export function render(view: any, place: Element): void;

export class Component<Props = any, State = any> {
  constructor(props: Props);
  props: Props;
  state: State;
  setState(changes: Partial<State>): void;
  componentWillReceiveProps?(next: Props): void;
}
