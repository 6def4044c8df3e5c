"""One file from a server to the disk: bounded, resumed, verified.

Not huggingface_hub's downloads: as of 2.4 hf_hub_download drops what it has when it fails, http_get loses up to 10 MB at each
break and tells its progress in such steps, both write on past the announced size, and neither compares hashes.
"""

import hashlib
import shutil
import time
from pathlib import Path

import httpx2
from huggingface_hub.utils import get_session, hf_raise_for_status

from pix2pix.hub.errors import HubError
from pix2pix.hub.progress import Meter
from pix2pix.hub.remote import RemoteFile

TIMEOUT = httpx2.Timeout(10, read=30)
# A download whose connection breaks is resumed; after this many failures in a row without a new byte it is given up.
MAX_FAILURES = 4
RETRY_PAUSE_S = 0.5


def fetch(file: RemoteFile, target: Path, meter: Meter, headers: dict[str, str], limit: int) -> None:
    """Download `file` to `target`, taking up what an earlier call left behind. `limit` bounds the size.

    Raise HubError if the content is too large or not what was announced, and what httpx2 and the disk raise.
    """
    require_size(file, limit)
    part = _part(file, target)
    part.parent.mkdir(parents=True, exist_ok=True)
    require_room(part.parent, (file.size or 0) - _size(part))
    resumed = _size(part) > 0
    meter.have(file.path, _size(part))
    failures = 0
    while file.size is None or _size(part) < file.size:
        before = _size(part)
        try:
            _append(file, part, meter, headers, limit)
            break
        except HubError:
            part.unlink(missing_ok=True)
            raise
        except (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError):
            failures = 0 if _size(part) > before else failures + 1
            if failures == MAX_FAILURES:
                raise
            time.sleep(RETRY_PAUSE_S * 2**failures)
    if not file.matches(part):
        meter.have(file.path, -_size(part))
        part.unlink()
        if resumed:  # what was there from an earlier call may be damaged
            return fetch(file, target, meter, headers, limit)
        raise HubError(f"{file.path} arrived damaged, its size or hash is not what the server announced; try again")
    part.replace(target)


def _part(file: RemoteFile, target: Path) -> Path:
    """Return where the incomplete file stands. It is named after the content, so that no other version's part is taken up."""
    version = file.sha256 or file.git_sha1 or f"{file.url} {file.size} {file.version}"
    part = target.with_name(f".{target.name}.{hashlib.sha256(version.encode()).hexdigest()[:16]}.part")
    if file.size is None:
        part.unlink(missing_ok=True)  # nothing says whether it would fit
    return part


def _append(file: RemoteFile, part: Path, meter: Meter, headers: dict[str, str], limit: int) -> None:
    """Append what is still missing to `part`, over one connection."""
    have = _size(part)
    # Compressed answers cannot be resumed, and their length is not the file's.
    request_headers = {**headers, "Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with get_session().stream("GET", file.url, headers=request_headers, timeout=TIMEOUT) as response:
        hf_raise_for_status(response)
        resumed = response.status_code == 206
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise httpx2.RemoteProtocolError("the server sent another part than requested")
        if have and not resumed:
            meter.have(file.path, -have)
            have = 0
        max_bytes = limit if file.size is None else file.size
        with part.open("ab" if resumed else "wb") as output:
            for chunk in response.iter_bytes():
                have += len(chunk)
                if have > max_bytes:
                    raise HubError(f"{file.path} goes on after {megabytes(max_bytes)}, where it should have ended")
                output.write(chunk)
                meter.receive(file.path, len(chunk))
    if file.size is not None and have < file.size:
        raise httpx2.RemoteProtocolError("the connection closed early")


def require_size(file: RemoteFile, limit: int) -> None:
    """Raise HubError if a file is announced to be larger than `limit`."""
    if file.size is not None and file.size > limit:
        raise HubError(f"{file.path} has {megabytes(file.size)}, at most {megabytes(limit)} are taken")


def require_room(folder: Path, count: int) -> None:
    """Raise HubError if the disk of `folder` has no room for `count` bytes."""
    free = shutil.disk_usage(folder).free
    if count > free:
        raise HubError(f"the disk is full: {megabytes(count)} are needed, {megabytes(free)} are free")


def megabytes(count: int) -> str:
    """Format a number of bytes for people."""
    return f"{count / 1e6:.1f} MB"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
