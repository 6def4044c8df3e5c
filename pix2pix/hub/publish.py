"""Putting a checkpoint on the Hub, so that any copy of the app can pull it."""

from pathlib import Path

from huggingface_hub import ModelCard

from pix2pix.checkpoint.card import card_tags, card_text
from pix2pix.checkpoint.config import CheckpointError, Config
from pix2pix.checkpoint.folder import CARD_FILE, SAMPLES_FOLDER, check_folder
from pix2pix.hub.contents import checkpoint_files
from pix2pix.hub.errors import LOG_IN, HubError, explained
from pix2pix.hub.remote import writer
from pix2pix.hub.sources import check_repo_id
from pix2pix.hub.upload import Upload, upload


def publish(
    folder: Path,
    repo_id: str,
    *,
    private: bool = False,
    message: str | None = None,
    endpoint: str | None = None,
    token: str | None = None,
) -> Upload:
    """Make `repo_id` hold a checkpoint: card, config, weights, history and samples, in one commit of what has changed.

    The card gets the tags by which `search` finds it. Raise HubError with one sentence.
    """
    try:
        config = check_folder(folder)
    except CheckpointError as error:
        raise HubError(f"this cannot be published: {error}") from error
    with explained(repo_id):
        paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        files: dict[str, Path | bytes] = {name: folder / name for name in checkpoint_files(paths)}
        files[CARD_FILE] = _card(folder, config, repo_id).encode()
        message = message or f"{config.task}, {config.objective}" + (f", step {config.training.steps}" if config.training else "")
        return upload(
            writer(endpoint, token), repo_id, files, lambda path: bool(checkpoint_files([path])), message, private=private
        )


def check_access(repo_id: str, endpoint: str | None = None, token: str | None = None) -> None:
    """Raise HubError if it is certain that `repo_id` cannot be published to; better before a training than after it."""
    check_repo_id(repo_id)
    with explained(repo_id):
        user = writer(endpoint, token).whoami()
    names = [user["name"], *(organization["name"] for organization in user.get("orgs", []))]
    if repo_id.split("/")[0] not in names:
        raise HubError(f"{repo_id}: you are logged in as {names[0]}, who can write to {', '.join(names)}; {LOG_IN}")


def _card(folder: Path, config: Config, repo_id: str) -> str:
    """Return the folder's card, which its owner may have edited; with our tags and the repository's name in its example."""
    path = folder / CARD_FILE
    if path.exists():
        text = path.read_text(encoding="utf-8")
    else:
        text = card_text(config, sorted(f"{SAMPLES_FOLDER}/{sample.name}" for sample in (folder / SAMPLES_FOLDER).glob("*.png")))
    card = ModelCard(text.replace('"owner/repo"', f'"{repo_id}"'), ignore_metadata_errors=True)
    tags = list(card.data.get("tags") or [])
    card.data["tags"] = tags + [tag for tag in card_tags(config) if tag not in tags]
    return str(card)
