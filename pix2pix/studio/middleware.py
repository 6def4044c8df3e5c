"""Refusing requests before anything reads them: bodies that are too large, and paths that the studio has no use for."""

import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The largest body that the page sends is a drawing in a JSON call; photos go through Gradio's upload.
MAX_BODY_BYTES = 1_000_000
# One file of 20 MB, which is what Gradio takes of each, and its frame.
MAX_UPLOAD_BYTES = 21_000_000
UPLOAD_PATH = "/upload"
# What Gradio serves beside the page and this page never asks for: files and pages of other servers fetched by this one, screen
# recordings, saved sessions, histories kept in buckets of the Hub, its own editor.
CLOSED = re.compile(r"/(file=https?:|proxy=|process_recording|deep_link|runs|run-history|vibe-|undo-vibe-)")


def is_upload(scope: Scope) -> bool:
    """Return whether a request goes to where Gradio takes files."""
    return scope["path"].rstrip("/").endswith(UPLOAD_PATH)


class TooLargeError(Exception):
    """More bytes arrived than were announced or allowed."""


class BodyLimit:
    """ASGI middleware: 413 for bodies over `max_body` bytes, uploads over `max_upload`, whether announced or streamed."""

    def __init__(self, app: ASGIApp, max_body: int = MAX_BODY_BYTES, max_upload: int = MAX_UPLOAD_BYTES):
        self.app, self.max_body, self.max_upload = app, max_body, max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.max_upload if is_upload(scope) else self.max_body
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await self._refuse(limit, scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise TooLargeError
            return message

        try:
            await self.app(scope, counted, send)
        except TooLargeError:
            await self._refuse(limit, scope, receive, send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        response = PlainTextResponse(f"This request is too large: at most {limit // 1000} kB are taken.", status_code=413)
        await response(scope, receive, send)


class ClosedPaths:
    """ASGI middleware: 404 for what nobody needs here."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        closed = scope["type"] == "http" and CLOSED.search(scope["path"])
        response = PlainTextResponse("There is nothing here.", status_code=404) if closed else self.app
        await response(scope, receive, send)
