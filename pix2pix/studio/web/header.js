// The header of the page: its button for light or dark.

export default function start(element) {
  element.querySelector(".mode").addEventListener("click", () => {
    const dark = document.documentElement.classList.toggle("dark");
    document.body.classList.toggle("dark", dark);
    try { localStorage.setItem("pix2pix-mode", dark ? "dark" : "light"); } catch { /* storage is off: lasts until reload */ }
  });
}
