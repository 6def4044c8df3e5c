// A picture shown large, over the page.

import { make } from "../lib/dom.js";

/** Opens the lightbox of the tab that `image` is on; `title` names it. */
function openLightbox(image, title) {
  const box = image.closest(".studio").querySelector(".lightbox");
  Object.assign(box.querySelector("img"), { src: image.src, alt: title });
  box.querySelector("span").textContent = title;
  box.showModal();
}

/** Lets a click beside the picture close the lightbox of `element`. */
export function closeByClick(element) {
  const box = element.querySelector(".lightbox");
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
}

/** Shows a picture large when it is clicked, or chosen by keyboard; `title()` names it, `wanted()` says whether it should. */
export function enlargeable(image, title, wanted = () => true) {
  const open = () => { if (image.src) openLightbox(image, title()); };
  image.addEventListener("click", () => { if (wanted()) open(); });
  image.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open();
  });
}

/** A button around a picture, which it enlarges. */
export function framed(url, caption) {
  const image = make("img", { src: url, alt: caption });
  return make("button.frame", { type: "button", title: "Enlarge", "aria-label": `Enlarge: ${caption}`, onclick: () => openLightbox(image, caption) }, image);
}
