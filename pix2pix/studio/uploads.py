"""How much room uploads take: so much for all, a part of it for one visitor. The oldest give way to new ones."""

import asyncio
import contextlib
import json
import shutil
from collections import defaultdict
from pathlib import Path

from gradio.utils import get_upload_folder
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pix2pix.studio.middleware import MAX_UPLOAD_BYTES, is_upload

MAX_TOTAL_BYTES = 500_000_000
# Of the total, or of the disk where that has less room.
VISITOR_SHARE, DISK_SHARE = 0.25, 0.5


class UploadBudget:
    """ASGI middleware: makes room for each upload in Gradio's folder; 503 while as many arrive as there is room for.

    A visitor is an address. Files lie in a folder each; what lies beside those is still arriving.
    """

    def __init__(self, app: ASGIApp, max_total: int = MAX_TOTAL_BYTES):
        self.app, self.max_total = app, max_total
        self._arriving: defaultdict[str, int] = defaultdict(int)  # bytes by visitor
        self._kept: defaultdict[str, list[Path]] = defaultdict(list)  # files by visitor, the oldest first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not is_upload(scope):
            await self.app(scope, receive, send)
            return
        visitor = (scope.get("client") or ("",))[0]
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdigit() else MAX_UPLOAD_BYTES
        total = await asyncio.to_thread(self._room)
        share = max(total * VISITOR_SHARE, MAX_UPLOAD_BYTES)
        if self._arriving[visitor] + size > share or sum(self._arriving.values()) + size > total:
            words = "Many photos arrive right now, and there is no room for more. Please try again in a minute."
            await PlainTextResponse(words, status_code=503)(scope, receive, send)
            return
        self._arriving[visitor] += size
        try:
            await asyncio.to_thread(
                self._make_room, visitor, total - sum(self._arriving.values()), share - self._arriving[visitor]
            )
            await self.app(scope, receive, self._noting(visitor, send))
        finally:
            self._arriving[visitor] -= size
            if not self._arriving[visitor]:
                del self._arriving[visitor]

    def _noting(self, visitor: str, send: Send) -> Send:
        """Return `send` that also notes which files an upload became, which is what Gradio answers."""
        body = b""

        async def noted(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    with contextlib.suppress(ValueError, TypeError):
                        self._kept[visitor] += map(Path, json.loads(body))
            await send(message)

        return noted

    def _room(self) -> int:
        """Return how many bytes uploads may take in all."""
        folder = Path(get_upload_folder())
        folder.mkdir(parents=True, exist_ok=True)
        used = sum(size for _, size, _ in _files(folder))
        return min(self.max_total, int((used + shutil.disk_usage(folder).free) * DISK_SHARE))

    def _make_room(self, visitor: str, total: float, share: float) -> None:
        """Delete the oldest files of the visitor over `share` bytes, then the oldest of all over `total`."""
        files = _files(Path(get_upload_folder()))
        here = {path: size for _, size, path in files}
        for each in list(self._kept):
            self._kept[each] = [path for path in self._kept[each] if path in here]
            if not self._kept[each]:
                del self._kept[each]
        own = [(0.0, here[path], path) for path in self._kept.get(visitor, [])]
        gone = _delete(own, share)
        _delete([file for file in files if file[2] not in gone], total)


def _files(folder: Path) -> list[tuple[float, int, Path]]:
    """Return when each file in the folders of `folder` was written, its size and its path; the oldest first."""
    found = []
    for place in folder.glob("*/*"):
        with contextlib.suppress(OSError):  # gone meanwhile
            status = place.stat()
            if place.is_file():
                found.append((status.st_mtime, status.st_size, place))
    return sorted(found)


def _delete(files: list[tuple[float, int, Path]], limit: float) -> set[Path]:
    """Delete the first files until the others have at most `limit` bytes; return those that are gone."""
    total, gone = sum(size for _, size, _ in files), set()
    for _, size, path in files:
        if total <= limit:
            break
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
            path.parent.rmdir()
        total -= size
        gone.add(path)
    return gone
