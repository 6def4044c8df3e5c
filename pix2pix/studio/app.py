"""The page: a header and one tab a file."""

from functools import partial
from pathlib import Path

import gradio as gr

from pix2pix.studio.engine import Engine
from pix2pix.studio.library.search import HubSearch
from pix2pix.studio.page import part
from pix2pix.studio.tabs import api, draw, models, networks, photo

TITLE = "pix2pix studio"
TABS = (("Draw", draw.build), ("Photo", photo.build), ("Networks", networks.build))
# How often Gradio looks for temporary files, and how old it lets them become.
TEMP_FILES_S = (600, 3600)


def build(engine: Engine, runs: Path = Path("runs"), hub: HubSearch | None = None, fetch: bool = False) -> gr.Blocks:
    """Build the whole app, not yet served.

    Every tab is built by a function that takes the engine; Models also knows where train.py works, and what may be pulled:
    nothing by default. With `fetch` programs may name pictures by their address.
    """
    tabs = (*TABS, ("Models", partial(models.build, runs=runs, hub=hub)))
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=TEMP_FILES_S) as app:
        part("header", "top")
        with gr.Tabs(elem_classes=["rooms"]):
            for title, contents in tabs:
                with gr.Tab(title, id=title.lower()):
                    contents(engine)
        api.build(engine, fetch)
    app.queue(max_size=engine.max_waiting, default_concurrency_limit=8)
    return app
