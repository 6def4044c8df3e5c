// Menus that a button opens.

/** Lets the menus of `element` close as menus do: by a click elsewhere or the escape key. */
export function closeMenus(element) {
  for (const menu of element.querySelectorAll(".menu")) {
    document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}
