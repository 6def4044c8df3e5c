"""Refusing request bodies that are too large before anything reads them."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The largest honest body is a drawing in a JSON call; photos go through Gradio's upload, which has its own limit.
MAX_BODY = 1_000_000
UPLOAD_PATH = "/upload"


class TooLargeError(Exception):
    """More bytes arrived than were announced or allowed."""


class BodyLimit:
    """ASGI middleware: 413 for bodies over `most` bytes, whether announced or streamed, except uploads."""

    def __init__(self, app: ASGIApp, most: int = MAX_BODY):
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/").endswith(UPLOAD_PATH):
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self.most:
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most:
                raise TooLargeError
            return message

        try:
            await self.app(scope, counted, send)
        except TooLargeError:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = PlainTextResponse(f"This request is too large: at most {self.most // 1000} kB are taken.", status_code=413)
        await response(scope, receive, send)
