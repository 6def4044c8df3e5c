"""Opens the studio: settings from the command line or the environment."""

import argparse
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.studio.startup import quick_imports
from pix2pix.studio.temporary import temporary_files

if TYPE_CHECKING:
    import gradio as gr

    from pix2pix.studio.engine import Engine

MAX_SESSIONS = 200


def parser() -> argparse.ArgumentParser:
    """Return the parser of the settings; each default can come from the environment variable named in its help."""
    env = os.environ.get
    options = argparse.ArgumentParser(prog="app.py", description="Opens the pix2pix studio in a web browser's reach.")
    options.add_argument(
        "--host",
        default=env("HOST", env("GRADIO_SERVER_NAME", "127.0.0.1")),
        help="address to serve on; 0.0.0.0 for every network (HOST)",
    )
    options.add_argument("--port", type=port_number, default=env("PORT"), help="port; else the first free one from 7860 (PORT)")
    options.add_argument(
        "--allow-host",
        action="append",
        default=env("ALLOW_HOSTS", "").replace(",", " ").split(),
        metavar="NAME",
        help="a name, or name:port, under which the studio is also served, or whose pages may use it; several times for several"
        " (ALLOW_HOSTS, with commas)",
    )
    options.add_argument(
        "--checkpoints",
        type=Path,
        default=Path(env("PIX2PIX_CHECKPOINTS", "checkpoints")),
        help="folder of models (PIX2PIX_CHECKPOINTS)",
    )
    options.add_argument(
        "--runs",
        type=Path,
        default=Path(env("PIX2PIX_RUNS", "runs")),
        help="folder where train.py works, to show what is being trained (PIX2PIX_RUNS)",
    )
    options.add_argument(
        "--no-pull",
        action="store_true",
        default=env("PIX2PIX_NO_PULL", "") not in ("", "0"),
        help="visitors cannot search the Hub or pull models from it (PIX2PIX_NO_PULL=1)",
    )
    options.add_argument("--device", default=env("PIX2PIX_DEVICE", "auto"), help="auto, cpu, cuda, cuda:1, mps (PIX2PIX_DEVICE)")
    options.add_argument(
        "--max-waiting",
        type=count,
        default=env("PIX2PIX_MAX_WAITING", "64"),
        help="drawings that may wait for the models before visitors are told the studio is busy (PIX2PIX_MAX_WAITING, 64)",
    )
    options.add_argument(
        "--max-models",
        type=count,
        default=env("PIX2PIX_MAX_MODELS", "100"),
        help="visitors pull no more models once so many are here (PIX2PIX_MAX_MODELS, 100)",
    )
    options.add_argument(
        "--max-uploads",
        type=count,
        default=env("PIX2PIX_MAX_UPLOADS", "500"),
        help="megabytes of uploads kept, a quarter of it of one visitor; the oldest go first (PIX2PIX_MAX_UPLOADS, 500)",
    )
    options.add_argument("--share", action="store_true", help="also open a public link through Gradio's relay")
    options.add_argument("--mcp", action="store_true", help="also serve the endpoints as MCP tools")
    return options


def port_number(text: str) -> int:
    """Convert a port from text to a checked number."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
    return int(text)


def count(text: str) -> int:
    """Convert a limit from text to a checked number."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"a limit is a whole number of 1 or more, not {text!r}")
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. The models load while the page is already there."""
    settings = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for client in ("httpx", "httpx2"):
        logging.getLogger(client).setLevel(logging.WARNING)
    # Read by Gradio when it is imported: nothing leaves the machine unasked.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        with temporary_files():
            return serve(settings)
    except ValueError as error:
        print(f"The studio cannot open: {error}", file=sys.stderr)
    except OSError:
        where = f"port {settings.port} of {settings.host}" if settings.port else settings.host
        print(f"The studio cannot open on {where}: choose another with --port or --host.", file=sys.stderr)
    return 1


def serve(settings: argparse.Namespace) -> int:
    """Build and serve the app, blocking. Raise OSError for a port that is taken, ValueError for an unusable device."""
    with quick_imports():
        from pix2pix.studio.decoding import stop_decoding

        engine, app, address, shared = open_studio(settings)
    engine.opened()
    print(f"pix2pix studio is open at {address}" + (f" and at {shared}" if shared else ""), flush=True)
    print("Ctrl-C closes it.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        stop_decoding()
        app.close()
    return 0


def declare_gpu() -> None:
    """Declare a GPU function where the `spaces` package is: without one a ZeroGPU Space does not start.

    It is never called: a picture takes a fraction of a second on the CPU, and no visitor's quota.
    """
    try:
        import spaces
    except ImportError:
        return
    spaces.GPU(lambda: None)


def open_studio(settings: argparse.Namespace) -> "tuple[Engine, gr.Blocks, str, str | None]":
    """Start serving; return the engine, the app, and its addresses: here, and through Gradio's relay."""
    # Imported here: with Gradio's defaults set in `main`, and `--help` not waiting for it.
    from pix2pix.inference.precision import choose_device
    from pix2pix.studio.engine import Engine

    declare_gpu()
    choose_device(settings.device)
    engine = Engine(settings.checkpoints, settings.device, settings.max_waiting)
    engine.start()  # its first models load while Gradio is imported, which takes longest
    from starlette.middleware import Middleware

    from pix2pix.studio.app import build
    from pix2pix.studio.gate import LOOPBACK, hosts_of, in_front
    from pix2pix.studio.library.search import HubSearch
    from pix2pix.studio.middleware import BodyLimit, ClosedPaths
    from pix2pix.studio.page import WEB, route
    from pix2pix.studio.theme import css, head, theme
    from pix2pix.studio.uploads import UploadBudget

    # Whoever reaches a served app from elsewhere must not pull with its owner's access token.
    token = None if settings.host in LOOPBACK and not settings.share else False
    hub = None if settings.no_pull else HubSearch(settings.checkpoints, token, settings.max_models)
    hosts = hosts_of(settings.host, settings.allow_host, os.environ.get("SPACE_HOST", ""), settings.share)
    app = build(engine, settings.runs, hub, fetch=settings.mcp)
    _, address, shared = app.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=settings.share,
        mcp_server=settings.mcp,
        theme=theme(),
        css=css(),
        head=head(),
        favicon_path=WEB / "favicon.png",
        footer_links=[],
        max_file_size="20mb",
        enable_monitoring=False,
        run_history=False,
        # The studio keeps nothing in a session, but Gradio keeps some kilobytes for each of the most recent visits.
        state_session_capacity=MAX_SESSIONS,
        ssr_mode=False,
        quiet=True,
        prevent_thread_lock=True,
        app_kwargs={
            "middleware": [
                Middleware(ClosedPaths),
                Middleware(BodyLimit),
                Middleware(UploadBudget, max_total=settings.max_uploads * 1_000_000),
            ],
            "routes": [route()],
            "lifespan": in_front(hosts),
        },
    )
    return engine, app, address, shared
