"""Finding models that others published from this app."""

from dataclasses import dataclass

from pix2pix.checkpoint.card import TAG
from pix2pix.hub.errors import explained
from pix2pix.hub.remote import ask, client
from pix2pix.networks.losses import OBJECTIVES

MAX_RESULTS = 100


@dataclass(frozen=True)
class Found:
    """A model on the Hub. Task and objective are what its card says, empty where it does not."""

    repo: str
    task: str
    objective: str
    downloads: int
    likes: int
    updated: str


def search(task: str | None = None, *, endpoint: str | None = None, token: str | bool | None = None) -> list[Found]:
    """Find models with this app's tag, those of one task if it is given, the most downloaded first. Raise HubError."""
    hub = client(endpoint, token)
    parameters = {
        "filter": [TAG, *([task] if task else [])],
        "sort": "downloads",
        "limit": MAX_RESULTS,
        "full": True,
        "cardData": True,
    }
    with explained("the search"):
        answer = ask(hub, f"{hub.endpoint}/api/models", parameters).json()
    return [_found(model) for model in answer if isinstance(model, dict) and isinstance(model.get("id"), str)]


def _found(model: dict) -> Found:
    """Read one answer. The card's tags are in the order in which they were written: ours, task, objective."""
    card = model.get("cardData")
    tags = [tag for tag in (card.get("tags") or [] if isinstance(card, dict) else []) if isinstance(tag, str)]
    after = tags[tags.index(TAG) + 1 :] if TAG in tags else []
    objective = next((tag for tag in after if tag in OBJECTIVES), "")
    task = after[0] if after and after[0] != objective else ""
    downloads, likes = (int(model.get(name) or 0) for name in ("downloads", "likes"))
    return Found(model["id"], task, objective, downloads, likes, str(model.get("lastModified") or "")[:10])
