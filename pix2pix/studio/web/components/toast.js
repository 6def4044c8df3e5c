// One sentence at the foot of the page.

/** A function that shows a text in `element`'s toast, for so many milliseconds or until the next; "" hides it. */
export function toaster(element) {
  const node = element.querySelector(".toast");
  let timer = 0;
  return function toast(text, milliseconds = Infinity) {
    node.textContent = text;
    node.hidden = !text;
    clearTimeout(timer);
    if (text && milliseconds < Infinity) timer = setTimeout(() => toast(""), milliseconds);
  };
}
