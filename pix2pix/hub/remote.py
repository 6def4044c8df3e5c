"""What a source offers: a Hub repository at one commit, a URL, or a folder of this disk, as files with sizes and hashes."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, constants, hf_hub_url, set_client_factory, try_to_load_from_cache
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status
from huggingface_hub.utils._http import default_client_factory

from pix2pix.hub.errors import NO_HUB, HubError, is_unreachable

# For the first request of a command, which shows whether the server can be reached at all.
REQUEST_TIMEOUT_S = 10
# For each step of an upload: a server may take a minute to check a large file or to make a commit.
WRITING_TIMEOUT = httpx2.Timeout(120, connect=10)
MAX_ENTRIES = 10_000


@dataclass(frozen=True)
class RemoteFile:
    """A file to get. Size, hash and version are what the server says of it; None where it does not."""

    path: str
    size: int | None = None
    sha256: str | None = None
    git_sha1: str | None = None
    url: str = ""
    version: str | None = None

    def matches(self, path: Path) -> bool:
        """Return whether a local file has this size and hash."""
        if not path.is_file() or (self.size is not None and path.stat().st_size != self.size):
            return False
        if self.sha256 is not None:
            return sha256(path) == self.sha256
        return self.git_sha1 is None or git_sha1(path) == self.git_sha1


@dataclass(frozen=True)
class Snapshot:
    """Everything that a source offers. `folder` is where it lies on this disk, if it does; `headers` are for its URLs."""

    source: str
    files: dict[str, RemoteFile]
    revision: str | None = None
    commit: str | None = None
    folder: Path | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)  # with the access token


def client(endpoint: str | None = None, token: str | bool | None = None) -> HfApi:
    """Return the Hub's client.

    By default the endpoint is HF_ENDPOINT's, the token HF_TOKEN's or `hf auth login`'s; False sends none.
    """
    return HfApi(endpoint=endpoint or constants.ENDPOINT, token=token)


def writer(endpoint: str | None = None, token: str | None = None) -> HfApi:
    """Return a `client` whose requests all have a time limit: huggingface_hub alone would wait for a silent server forever."""
    _limit_waiting()
    return client(endpoint, token)


@cache
def _limit_waiting() -> None:
    """Give every request of this process that names no time limit WRITING_TIMEOUT."""

    def create() -> httpx2.Client:
        made = default_client_factory()
        made.timeout = WRITING_TIMEOUT
        return made

    set_client_factory(create)


def of_repository(hub: HfApi, repo: str, revision: str | None = None, repo_type: str = "model") -> Snapshot:
    """Return a repository's files at the commit that a revision (branch, tag or commit; default main) has now."""
    try:
        info = hub.repo_info(
            repo, repo_type=repo_type, revision=revision or constants.DEFAULT_REVISION, timeout=REQUEST_TIMEOUT_S
        )
    except (KeyError, TypeError) as error:
        raise HubError(f"{repo}: {NO_HUB}") from error
    commit = info.sha or ""
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise HubError(f"{repo}: {NO_HUB}")
    files = {}
    for entry in islice(_tree(hub, f"{repo_type}s/{repo}", commit), MAX_ENTRIES):
        if not {"", ".", ".."} & set(re.split(r"[/\\]", entry.path)):
            url = hf_hub_url(repo, entry.path, repo_type=repo_type, revision=commit, endpoint=hub.endpoint)
            if entry.lfs:
                files[entry.path] = RemoteFile(entry.path, entry.lfs.size, sha256=entry.lfs.sha256, url=url)
            else:
                files[entry.path] = RemoteFile(entry.path, entry.size, git_sha1=entry.blob_id, url=url)
    return Snapshot(repo, files, revision, commit, headers=build_hf_headers(token=hub.token))


def _tree(hub: HfApi, repo: str, commit: str) -> Iterator[RepoFile]:
    """Yield all files of a commit."""
    page: str | None = f"{hub.endpoint}/api/{repo}/tree/{commit}?recursive=true"
    while page:
        response = ask(hub, page)
        try:
            yield from (RepoFile(**entry) for entry in response.json() if entry["type"] == "file")
        except (KeyError, TypeError) as error:
            raise HubError(f"{repo.partition('/')[2]}: {NO_HUB}") from error
        page = response.links.get("next", {}).get("url")


def ask(hub: HfApi, url: str, parameters: dict[str, Any] | None = None) -> httpx2.Response:
    """Send a GET request to the Hub, which has REQUEST_TIMEOUT_S seconds to answer.

    HfApi's own list_repo_tree and list_models retry several times: without a connection for half a minute, and for as long as
    a busy server asks them to wait. Raise what httpx2 and huggingface_hub raise.
    """
    response = get_session().get(url, params=parameters, headers=build_hf_headers(token=hub.token), timeout=REQUEST_TIMEOUT_S)
    hf_raise_for_status(response)
    return response


def of_repository_or_cache(hub: HfApi, repo: str, revision: str | None, must_have: str) -> Snapshot:
    """Return `of_repository`, or what the Hub cache holds if the Hub cannot be reached and `must_have` is in the cache."""
    try:
        return of_repository(hub, repo, revision)
    except Exception as error:
        cached = try_to_load_from_cache(repo, must_have, revision=revision) if is_unreachable(error) else None
        if not isinstance(cached, str):
            raise
        folder = Path(cached.removesuffix(must_have))
        return Snapshot(repo, of_disk(folder).files, revision, folder.name, folder)


def of_url(url: str) -> Snapshot:
    """Describe a file on any server. A fragment `#sha256=...` is its hash, as pip has it."""
    address, _, fragment = url.partition("#")
    response = get_session().head(address, timeout=REQUEST_TIMEOUT_S)
    # Some servers answer downloads only.
    if response.status_code not in (405, 501):
        hf_raise_for_status(response)
    length = response.headers.get("Content-Length", "")
    plain = response.is_success and "Content-Encoding" not in response.headers
    name = Path(httpx2.URL(address).path).name.strip(".") or "weights"
    file = RemoteFile(
        name,
        int(length) if plain and length.isdigit() else None,
        sha256=fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None,
        url=address,
        version=response.headers.get("ETag") or response.headers.get("Last-Modified"),
    )
    return Snapshot(address, {name: file})


def of_disk(path: Path) -> Snapshot:
    """Describe a file of this disk, or the files of a folder."""
    folder = path if path.is_dir() else path.parent
    paths = [each for each in islice(path.rglob("*"), MAX_ENTRIES) if each.is_file()] if path.is_dir() else [path]
    names = [each.relative_to(folder).as_posix() for each in paths]
    files = {name: RemoteFile(name, each.stat().st_size) for name, each in zip(names, paths, strict=True)}
    return Snapshot(str(path.resolve()), files, folder=folder)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_sha1(path: Path) -> str:
    """Return the name that git gives to a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(b"blob %d\0" % path.stat().st_size)).hexdigest()
