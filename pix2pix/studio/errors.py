"""Refusals, and messages for visitors: what went wrong, without the server's paths."""

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

# An absolute path; what stands before the slash tells it from a URL and from owner/name.
PATH = re.compile(r"(?<![\w.:/-])/(?:[^\s/:'\"]+/)+([^\s/:'\",;]*)")

Item = TypeVar("Item")
Result = TypeVar("Result")
log = logging.getLogger(__name__)


class RefusedError(ValueError):
    """A request that cannot be served; the message is for the person who made it."""


class SupersededError(RefusedError):
    """The same page asked for a newer drawing before this one's turn came."""


class BusyError(RefusedError):
    """More requests wait than can be served soon."""


def those_that_work(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return what a function makes of each item, without those that it fails on, which are logged: others are still shown."""
    results = []
    for item in items:
        try:
            results.append(function(item))
        except Exception as error:  # whatever one folder holds
            log.warning("%s cannot be shown", item, exc_info=error)
    return results


def refusal_response(refusal: RefusedError) -> dict:
    """Turn a refusal into the JSON that the page shows; whether it is busy or superseded says when to ask again."""
    superseded = isinstance(refusal, SupersededError)
    return {"error": str(refusal), "busy": isinstance(refusal, BusyError), "superseded": superseded}


def without_paths(message: str, *folders: Path) -> str:
    """Name files as they are called inside `folders`; of other absolute paths in the message keep only the last part."""
    for folder in folders:
        message = message.replace(f"{folder}/", "").replace(f"{folder.resolve()}/", "")
    return PATH.sub(r"\1", message)
