// Before the first paint: the mode chosen last time, else the system's.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("pix2pix-mode"); } catch { /* storage is off: follow the system */ }
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", dark);
  // Gradio sets its own class on <body> by the system's mode once it runs; ours has the last word.
  const follow = () => document.body?.classList.toggle("dark", document.documentElement.classList.contains("dark"));
  document.addEventListener("DOMContentLoaded", () => {
    follow();
    new MutationObserver(() => {
      if (document.body.classList.contains("dark") !== document.documentElement.classList.contains("dark")) follow();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });
})();
