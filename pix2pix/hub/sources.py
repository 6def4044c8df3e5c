"""What a user may name as the source of a model: a known name, a repository, a URL, a file or folder."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pix2pix.checkpoint.catalog import KnownModel, known_models
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.hub import remote
from pix2pix.hub.contents import WEIGHT_ENDINGS
from pix2pix.hub.errors import HubError

REPO_ID = r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*"
REPOSITORY = re.compile(rf"({REPO_ID})(?:@(.+))?")
PAGE = re.compile(r"/([\w.-]+/[\w.-]+?)(?:/tree/([^/]+))?/?")
HUB_HOSTS = ("huggingface.co", "hf.co")


@dataclass(frozen=True)
class Source:
    """`where` is `owner/name`, a URL or an absolute path."""

    kind: Literal["repository", "url", "disk"]
    where: str
    revision: str | None = None
    known: KnownModel | None = None
    name: str = ""

    @property
    def default_name(self) -> str:
        """What its checkpoint is called unless the user says otherwise."""
        return self.name or simplified(Path(urlsplit(self.where).path).stem)


def simplified(text: str) -> str:
    """Return text with nothing in it that a checkpoint's name may not have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")


def check_repo_id(repo_id: str) -> None:
    """Raise HubError if this does not name a repository that could be written to."""
    if not re.fullmatch(REPO_ID, repo_id):
        raise HubError(f"{repo_id} is no repository name: it has the form owner/name")


def parse(text: str, revision: str | None = None, endpoint: str | None = None) -> Source:
    """Read what a user typed or pasted, also `owner/name@revision` and a repository's page. Raise HubError."""
    if text in known_models():
        known = known_models()[text]
        return Source("url" if "://" in known.source else "repository", known.source, revision, known, text)
    if "://" in text:
        address = urlsplit(text)
        if address.scheme not in ("http", "https"):
            raise HubError(f"{text} is no address of the web (https://...)")
        page = None if address.path.endswith(WEIGHT_ENDINGS) else PAGE.fullmatch(address.path)
        if page and address.netloc in (*HUB_HOSTS, urlsplit(remote.client(endpoint).endpoint).netloc):
            return Source("repository", page[1], revision or page[2])
        return Source("url", text)
    if text and _exists(text):
        return Source("disk", str(Path(text).resolve()))
    if match := REPOSITORY.fullmatch(text):
        return Source("repository", match[1], revision or match[2])
    raise HubError(
        f"{text} is no model: name a file or folder, a repository as owner/name, a URL, or one of {', '.join(known_models())}"
    )


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # longer than a path may be
        return False


def is_remote(text: str) -> bool:
    """Return whether a text has the form of a source that is not on this disk. A path in a folder that exists here does not."""
    if text in known_models() or text.startswith(("http://", "https://")):
        return True
    return REPOSITORY.fullmatch(text) is not None and not Path(text).parent.is_dir()


def locate(source: Source, file: str, endpoint: str | None, token: str | bool | None) -> remote.Snapshot:
    """Return what the source offers now. Without the Hub its cache serves, if `file` is in it."""
    if source.kind == "repository":
        hub = remote.client(endpoint, token)
        return remote.of_repository_or_cache(hub, source.where, source.revision, file or CONFIG_FILE)
    if source.kind == "url":
        return remote.of_url(source.where)
    return remote.of_disk(Path(source.where))
