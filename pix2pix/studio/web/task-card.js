// The cards above Draw and Photo: a picture and a title for each task.

const NO_PICTURE = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3.500 4h13v12h-13zM3.500 13l4-4 4 4 2-2 3 3"/></svg>';

function taskCard({ name, title, picture }, hint, choose) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "card", title: hint });
  button.dataset.task = name;
  const image = document.createElement(picture ? "img" : "i");
  if (picture) Object.assign(image, { src: picture, alt: "" });
  else image.innerHTML = NO_PICTURE;
  button.append(image, title);
  button.addEventListener("click", choose);
  return button;
}
