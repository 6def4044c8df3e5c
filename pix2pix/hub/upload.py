"""Writing to a Hub repository: one commit with what has changed, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from pix2pix.hub.errors import HubError
from pix2pix.hub.remote import Snapshot, of_repository
from pix2pix.hub.sources import check_repo_id

Operation = CommitOperationAdd | CommitOperationDelete


@dataclass(frozen=True)
class Upload:
    """What an upload did: the page and commit it led to, and the paths that were sent, found unchanged, and deleted."""

    url: str
    commit: str
    sent: list[str]
    unchanged: list[str]
    deleted: list[str]


def upload(
    hub: HfApi,
    repo_id: str,
    files: Mapping[str, Path | bytes],
    belongs: Callable[[str], bool],
    message: str,
    repo_type: str = "model",
    **creation: Any,
) -> Upload:
    """Make the repository hold `files`, creating it if need be, in one commit: readers see the old state or the new one.

    Files there that are not among `files` are deleted where `belongs` says that they are of this program's making, and left
    alone otherwise. `creation` are arguments of `HfApi.create_repo`. Raise what huggingface_hub raises; if somebody else
    commits in between, that is an error too.
    """
    check_repo_id(repo_id)
    there = _existing(hub, repo_id, repo_type, creation)
    with TemporaryDirectory() as folder:
        paths = {name: _on_disk(content, Path(folder) / str(number)) for number, (name, content) in enumerate(files.items())}
        changed = [name for name, path in paths.items() if name not in there.files or not there.files[name].matches(path)]
        stale = sorted(name for name in there.files if name not in files and belongs(name))
        commit = there.commit or ""  # a repository always has one
        if changed or stale:
            operations: list[Operation] = [CommitOperationAdd(name, paths[name]) for name in changed]
            operations += [CommitOperationDelete(name) for name in stale]
            commit = _commit(hub, repo_id, operations, message, repo_type, commit)
    url = f"{hub.endpoint}/{'spaces/' if repo_type == 'space' else ''}{repo_id}"
    return Upload(url, commit, changed, [name for name in files if name not in changed], stale)


def _existing(hub: HfApi, repo_id: str, repo_type: str, creation: dict[str, Any]) -> Snapshot:
    """Return the repository as it is now; create it if there is none."""
    try:
        return of_repository(hub, repo_id, repo_type=repo_type)
    except RepositoryNotFoundError:
        hub.create_repo(repo_id, repo_type=repo_type, exist_ok=True, **creation)
    return of_repository(hub, repo_id, repo_type=repo_type)


def _commit(hub: HfApi, repo_id: str, operations: list[Operation], message: str, repo_type: str, parent: str) -> str:
    """Make one commit on top of `parent`; return its name."""
    try:
        commit = hub.create_commit(repo_id, operations, commit_message=message, repo_type=repo_type, parent_commit=parent)
        return commit.oid
    except RuntimeError as error:  # how create_commit hides why a large file failed
        raise error.__cause__ or HubError(f"{repo_id}: {error}") from error


def _on_disk(content: Path | bytes, place: Path) -> Path:
    if isinstance(content, Path):
        return content
    place.write_bytes(content)
    return place
