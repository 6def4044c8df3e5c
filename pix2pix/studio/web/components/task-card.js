// The cards above Draw and Photo: a picture and a title for each task.

import { icon, make } from "../lib/dom.js";

const NO_PICTURE = "M3.500 4h13v12h-13zM3.500 13l4-4 4 4 2-2 3 3";

/** The button of a task; `hint` is its tooltip. */
export function taskCard({ name, title, picture }, hint, choose) {
  const image = picture ? make("img", { src: picture, alt: "" }) : make("i", {}, icon(NO_PICTURE));
  return make("button.card", { type: "button", title: hint, "data-task": name, onclick: choose }, image, title);
}
