"""The drawing board: a page part of our own, because only a plain canvas follows the pen in order and in time."""

from collections.abc import Callable, Sequence
from pathlib import Path

import gradio as gr

STATIC = Path(__file__).parent / "web"
# In the order they build on each other; together they are the body of one function.
SCRIPTS = (
    "raster",
    "png",
    "pointer",
    "live",
    "critic",
    "views",
    "task-card",
    "files",
    "board",
    "cards",
    "controls",
    "actions",
    "keeping",
    "start",
)


def board(server_functions: Sequence[Callable]) -> gr.HTML:
    """Canvas, tools and both pictures. Its scripts call `server_functions` by name and keep all state of the drawing.

    Not a subclass of gr.HTML: Gradio writes an interface file beside the source of every component class it meets.
    """
    return gr.HTML(
        html_template=static("board.html"),
        js_on_load="\n".join(static(f"{name}.js") for name in SCRIPTS),
        apply_default_css=False,
        elem_classes=["board"],
        server_functions=list(server_functions),
    )


def static(name: str) -> str:
    """A file of the page."""
    return (STATIC / name).read_text(encoding="utf-8")
