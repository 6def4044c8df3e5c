"""Messages for visitors: what went wrong, without the server's paths."""

import re
from pathlib import Path

# An absolute path; what stands before the slash tells it from a URL and from owner/name.
PATH = re.compile(r"(?<![\w.:/-])/(?:[^\s/:'\"]+/)+([^\s/:'\",;]*)")


def without_paths(message: str, *folders: Path) -> str:
    """The message with files named as they are called inside `folders`; of other absolute paths only the last part stays."""
    for folder in folders:
        message = message.replace(f"{folder}/", "").replace(f"{folder.resolve()}/", "")
    return PATH.sub(r"\1", message)
