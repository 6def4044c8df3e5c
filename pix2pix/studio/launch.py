"""Opens the studio: settings from the command line or the environment."""

import argparse
import logging
import os
import sys
import threading
from pathlib import Path

SESSIONS = 200
LOCAL = ("127.0.0.1", "localhost", "::1")


def parser() -> argparse.ArgumentParser:
    """The settings; each default can come from the environment variable named in its help."""
    env = os.environ.get
    options = argparse.ArgumentParser(prog="app.py", description="Opens the pix2pix studio in a web browser's reach.")
    options.add_argument(
        "--host",
        default=env("HOST", env("GRADIO_SERVER_NAME", "127.0.0.1")),
        help="address to serve on; 0.0.0.0 for every network (HOST)",
    )
    options.add_argument("--port", type=port_number, default=env("PORT"), help="port; else the first free one from 7860 (PORT)")
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
    options.add_argument("--share", action="store_true", help="also open a public link through Gradio's relay")
    options.add_argument("--mcp", action="store_true", help="also serve the endpoints as MCP tools")
    return options


def port_number(text: str) -> int:
    """A port as text -> checked number."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Serves until interrupted. The models load while the page is already there."""
    settings = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for client in ("httpx", "httpx2"):
        logging.getLogger(client).setLevel(logging.WARNING)
    # Read by Gradio when it is imported: nothing leaves the machine unasked.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        return serve(settings)
    except ValueError as error:
        print(f"The studio cannot open: {error}", file=sys.stderr)
    except OSError:
        where = f"port {settings.port} of {settings.host}" if settings.port else settings.host
        print(f"The studio cannot open on {where}: choose another with --port or --host.", file=sys.stderr)
    return 1


def serve(settings: argparse.Namespace) -> int:
    """Builds and serves the app, blocking. Raises OSError for a port that is taken, ValueError for an unusable device."""
    # Imported here: with Gradio's defaults set above, and `--help` not waiting for it.
    from starlette.middleware import Middleware

    from pix2pix.devices import choose_device
    from pix2pix.studio.build import build
    from pix2pix.studio.canvas import STATIC
    from pix2pix.studio.engine import Engine
    from pix2pix.studio.limits import BodyLimit
    from pix2pix.studio.offers import Offers
    from pix2pix.studio.theme import css, head, theme
    from pix2pix.studio.zerogpu import declare

    declare()
    choose_device(settings.device)
    engine = Engine(settings.checkpoints, settings.device)
    # Whoever reaches a served app from elsewhere must not pull with its owner's access token.
    token = None if settings.host in LOCAL and not settings.share else False
    offers = None if settings.no_pull else Offers(settings.checkpoints, token)
    app = build(engine, settings.runs, offers)
    _, address, shared = app.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=settings.share,
        mcp_server=settings.mcp,
        theme=theme(),
        css=css(),
        head=head(),
        favicon_path=STATIC / "favicon.png",
        footer_links=[],
        max_file_size="20mb",
        enable_monitoring=False,
        # Nothing of ours lives in a session, but Gradio keeps some kilobytes for each of the last so many visits.
        state_session_capacity=SESSIONS,
        ssr_mode=False,
        quiet=True,
        prevent_thread_lock=True,
        app_kwargs={"middleware": [Middleware(BodyLimit)]},
    )
    engine.start()
    print(f"pix2pix studio is open at {address}" + (f" and at {shared}" if shared else ""), flush=True)
    print("Ctrl-C closes it.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        app.close()
    return 0
