"""pix2pix: image-to-image translation with conditional adversarial networks (Isola et al., CVPR 2017).

`Translator` turns pictures into pictures, `Generator` is the bare network, `__version__` is this code's. Each is found when it
is first asked for: importing this package loads neither torch nor a module of its own.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pix2pix.checkpoint.folder import Generator
    from pix2pix.inference.translator import Translator

    __version__: str

_MODULES = {"Generator": "pix2pix.checkpoint.folder", "Translator": "pix2pix.inference.translator"}

__all__ = ["Generator", "Translator", "__version__"]


def __getattr__(name: str) -> object:
    """Import an exported name. Raise AttributeError for any other."""
    if name == "__version__":
        from pix2pix.version import version

        found: object = version()
    elif name in _MODULES:
        found = getattr(import_module(_MODULES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
