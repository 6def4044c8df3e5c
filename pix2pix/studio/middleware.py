"""Refusing requests before anything reads them: bodies that are too large, and paths that the studio has no use for."""

import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The largest honest body is a drawing in a JSON call; photos go through Gradio's upload, which does not limit their number.
MAX_BODY = 1_000_000
# One file of 20 MB, which is what Gradio takes of each, and its frame.
MAX_UPLOAD = 21_000_000
UPLOAD_PATH = "/upload"
# What Gradio serves beside the page and this page never asks for: files and pages of other servers fetched by this one, screen
# recordings, saved sessions, histories kept in buckets of the Hub, its own editor.
CLOSED = re.compile(r"/(file=https?:|proxy=|process_recording|deep_link|runs|run-history|vibe-|undo-vibe-)")


class TooLargeError(Exception):
    """More bytes arrived than were announced or allowed."""


class BodyLimit:
    """ASGI middleware: 413 for bodies over `most` bytes, uploads over `most_uploaded`, whether announced or streamed."""

    def __init__(self, app: ASGIApp, most: int = MAX_BODY, most_uploaded: int = MAX_UPLOAD):
        self.app, self.most, self.most_uploaded = app, most, most_uploaded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.most_uploaded if scope["path"].rstrip("/").endswith(UPLOAD_PATH) else self.most
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await self._refuse(most, scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise TooLargeError
            return message

        try:
            await self.app(scope, counted, send)
        except TooLargeError:
            await self._refuse(most, scope, receive, send)

    async def _refuse(self, most: int, scope: Scope, receive: Receive, send: Send) -> None:
        response = PlainTextResponse(f"This request is too large: at most {most // 1000} kB are taken.", status_code=413)
        await response(scope, receive, send)


class ClosedPaths:
    """ASGI middleware: 404 for what nobody needs here."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        closed = scope["type"] == "http" and CLOSED.search(scope["path"])
        answer = PlainTextResponse("There is nothing here.", status_code=404) if closed else self.app
        await answer(scope, receive, send)
