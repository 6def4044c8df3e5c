"""The page: parts of it with scripts of our own, because only a plain canvas follows the pen in order and in time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

WEB = Path(__file__).parent / "web"
# Runs before the page appears, so it is part of the page itself.
INLINE = WEB / "theme.js"
# Run by Gradio for each component, in whose scope `element`, `server` and `upload` are.
LOADER = """
import(new URL("web/MODULE", document.baseURI)).then((module) => module.default(element, server, upload)).catch((error) => {
  const words = document.createElement("p");
  words.className = "unloaded";
  words.setAttribute("role", "alert");
  words.textContent = "This part of the page could not be loaded. Reload the page to try again.";
  element.prepend(words);
  throw error;
});
"""


def part(name: str, kind: str, server_functions: Sequence[Callable] = ()) -> gr.HTML:
    """Build a part of the page: web/`name`.html, brought to life by the default export of web/`name`.js.

    That gets the part's element, `server_functions` by name, and Gradio's upload. `kind` is the part's CSS class. Not a
    subclass of gr.HTML: Gradio writes an interface file beside the source of every component class it meets.
    """
    return gr.HTML(
        html_template=static(f"{name}.html"),
        js_on_load=LOADER.replace("MODULE", f"{name}.js"),
        apply_default_css=False,
        elem_classes=[kind],
        server_functions=list(server_functions),
    )


def static(name: str) -> str:
    """Read a file of the page."""
    return (WEB / name).read_text(encoding="utf-8")


def modules() -> list[str]:
    """Return the addresses of all modules, relative to the page."""
    return sorted(f"web/{path.relative_to(WEB).as_posix()}" for path in WEB.rglob("*.js") if path != INLINE)


class PageFiles(StaticFiles):
    """Files that a browser may keep, but asks about each time: modules of two versions must not meet in one page."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """Return the file, or 304 to whoever has it already."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


def route() -> Mount:
    """Return the route that serves the modules."""
    return Mount("/web", PageFiles(directory=WEB))
