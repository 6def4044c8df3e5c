"""Picture files between programs or pages and the server, through Gradio; small ones are part of a request."""

import asyncio
import secrets
import shutil
from pathlib import Path
from typing import NoReturn

import gradio as gr
import httpx
import numpy as np
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from gradio_client.utils import is_http_url_like
from PIL import Image
from safehttpx import AsyncSecureTransport, async_validate_url

MAX_BYTES = 20_000_000
DOWNLOAD_TIMEOUT_S = 20.0


def picture_file(label: str, fetch: bool = False) -> gr.File:
    """Build the input for a picture that programs send to an endpoint, whose function gets its bytes.

    Gradio downloads whatever address is sent instead of a file. Here that needs `fetch`, for MCP clients, which have no other
    way, and ends at 20 MB; else it is refused, because nothing leaves this machine unasked.
    """
    file = gr.File(label=label, file_types=["image"], type="binary")  # a `filepath` leaves an empty file behind at every call
    moved = file.async_move_resource_to_block_cache

    async def received(url_or_file_path: str | Path | None) -> str | None:
        if not is_http_url_like(url_or_file_path):
            return await moved(url_or_file_path)
        if not fetch:
            _refuse("Send the picture itself, not an address.")
        return await moved(await _downloaded(str(url_or_file_path), file.GRADIO_CACHE))

    # On this one component: for a subclass Gradio would write an interface file beside this one.
    file.async_move_resource_to_block_cache = received  # type: ignore[method-assign]
    return file


async def _downloaded(address: str, folder: str) -> str:
    """Download a picture from a public server into Gradio's cache."""
    body = bytearray()
    try:
        transport = AsyncSecureTransport(await async_validate_url(httpx.URL(address).host))
        async with (
            httpx.AsyncClient(transport=transport, timeout=DOWNLOAD_TIMEOUT_S) as client,
            client.stream("GET", address) as response,
        ):
            response.raise_for_status()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        _refuse("No picture can be had from this address.")
    if len(body) > MAX_BYTES:
        _refuse(f"The picture at this address is larger than {MAX_BYTES // 1_000_000} MB.")
    return await asyncio.to_thread(save_bytes_to_cache, bytes(body), "picture.png", folder)


def _refuse(words: str) -> NoReturn:
    raise gr.Error(words, print_exception=False)


class TempPictures:
    """Pictures too large to be part of a response: lossless WebP files in a folder of their own, which Gradio serves."""

    def __init__(self, pictures: dict[str, np.ndarray]):
        self.folder = Path(get_upload_folder()).resolve() / secrets.token_hex(16)
        self.addresses = {}
        try:
            self.folder.mkdir(parents=True)
            for number, (key, picture) in enumerate(pictures.items()):
                path = self.folder / f"{number}.webp"
                Image.fromarray(picture).save(path, lossless=True, method=0, quality=0)
                self.addresses[key] = f"gradio_api/file={path}"  # relative to the page, wherever that is served
        except BaseException:
            self.delete()
            raise

    def delete(self) -> None:
        """Delete the files."""
        shutil.rmtree(self.folder, ignore_errors=True)
