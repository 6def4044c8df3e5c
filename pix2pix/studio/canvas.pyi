"""The drawing board: a Gradio component of our own, because only a plain canvas follows the pen in order and in time."""

from collections.abc import Callable, Sequence
from pathlib import Path

import gradio as gr

STATIC = Path(__file__).parent / "static"
# In the order they build on each other; together they are the body of one function.
SCRIPTS = ("raster.js", "png.js", "pointer.js", "live.js", "views.js", "files.js", "board.js")

from gradio.events import Dependency

class Board(gr.HTML):
    """Canvas, tools and both pictures. Its page part calls `server_functions` by name and keeps all state of the drawing."""

    def __init__(self, server_functions: Sequence[Callable] = (), **kwargs):
        super().__init__(
            html_template=(STATIC / "board.html").read_text(encoding="utf-8"),
            js_on_load="\n".join((STATIC / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
            apply_default_css=False,
            elem_classes=["board"],
            server_functions=list(server_functions),
            **kwargs,
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component