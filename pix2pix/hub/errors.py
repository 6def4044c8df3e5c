"""What goes wrong between here and a server, as one sentence."""

import contextlib
import errno
import json
import re
from collections.abc import Iterator

# The client of huggingface_hub, which depends on it and raises its errors.
import httpx2
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from pix2pix.checkpoint.config import CheckpointError

NO_HUB = "the server did not answer as a Hub does (is HF_ENDPOINT right, or is a login page in between?)"
LOG_IN = "log in with `hf auth login` or set HF_TOKEN"


class HubError(Exception):
    """Something could not be pulled, published or found; the message is one sentence for people."""


@contextlib.contextmanager
def explained(subject: str) -> Iterator[None]:
    """Turn network, server and disk errors of the block into a HubError whose sentence starts with `subject`."""
    try:
        yield
    except (HubError, KeyboardInterrupt):
        raise
    # ValueError: what a server answered is no JSON, or huggingface_hub refused an argument.
    except (httpx2.HTTPError, httpx2.InvalidURL, EntryNotFoundError, CheckpointError, OSError, ValueError) as error:
        raise HubError(f"{subject}: {_reason(error)}") from error


def is_unreachable(error: BaseException) -> bool:
    """Return whether an error means that the server was not reached, or is not working, rather than that it refused."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code >= 500
    return isinstance(error, httpx2.TransportError | OfflineModeIsEnabled)


def _reason(error: Exception) -> str:
    if isinstance(error, HfHubHTTPError):
        return _answered(error)
    if isinstance(error, OfflineModeIsEnabled):
        return "offline mode is on (HF_HUB_OFFLINE), nothing was asked for"
    if isinstance(error, LocalTokenNotFoundError):
        return f"this needs an access token; {LOG_IN}"
    if isinstance(error, EntryNotFoundError):
        return "the file is not there"
    if isinstance(error, httpx2.TimeoutException):
        return "the server does not answer; check the connection and try again"
    if isinstance(error, httpx2.ConnectError):
        return "there is no connection to the server; models that are installed keep working"
    if isinstance(error, httpx2.TooManyRedirects | httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return "the address leads nowhere"
    if isinstance(error, httpx2.TransportError):
        return "the connection broke off; try again, downloads go on where they stopped"
    if isinstance(error, json.JSONDecodeError | httpx2.HTTPError):
        return NO_HUB
    if isinstance(error, HFValidationError):
        return "this is not a repository name; it has the form owner/name, in letters, digits, dots and hyphens"
    if isinstance(error, ConnectionError):  # from hf_xet, which transfers large files and has the HTTP status only in its message
        answered = re.search(r"\((\d{3}) ", str(error))
        return (answered and _status(int(answered[1]))) or "the connection broke off; try again"
    if isinstance(error, OSError):
        return _disk(error)
    return " ".join(str(error).split())


def _answered(error: HfHubHTTPError) -> str:
    if isinstance(error, GatedRepoError):
        return f"its owner grants access on request; ask for it on the repository's page, then {LOG_IN}"
    if isinstance(error, RevisionNotFoundError):
        return "the repository is there, but not this revision"
    if isinstance(error, EntryNotFoundError):
        return "the repository is there, but not this file"
    if isinstance(error, RepositoryNotFoundError):
        return f"there is no such repository, or it is private and not open to you (then {LOG_IN})"
    status, message = error.response.status_code, " ".join((error.server_message or "").split())
    known = _status(status, error.response.headers.get("Retry-After", ""))
    return known or f"the server refused (HTTP {status})" + (f": {message[:200]}" if message else "")


def _status(status: int, wait: str = "") -> str | None:
    """Return what an HTTP status means here; `wait` is after how many seconds to ask again."""
    if status == 401:
        return f"the server does not accept the access token, or asks for one; {LOG_IN}"
    if status == 403:
        return "the access token has no permission for this; choose one with write access, and a namespace of yours"
    if status == 404:
        return "there is nothing at this address"
    if status in (409, 412):
        return "someone else changed the repository at the same moment; nothing was changed by you, try again"
    if status == 413:
        return "the server refuses files of this size"
    if status == 429:
        return f"too many requests; try again in {f'{wait} seconds' if wait.isdigit() else 'a few minutes'}"
    if status == 507:
        return "the server has no space left"
    if status >= 500:
        return f"the server has a problem of its own (HTTP {status}); try again later"
    return None


def _disk(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; make room and try again, what came so far is kept"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{error.filename or 'the folder'} cannot be written to"
    place = f"{error.filename}: " if error.filename else ""
    return place + (error.strerror or " ".join(str(error).split()))
