"""Which version of the project this code is."""

import tomllib
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "pix2pix-studio"
UNKNOWN = "unknown"


def version(package: Path = Path(__file__).parent) -> str:
    """Return the version that pyproject.toml gives: the one beside `package`, else the one it was installed with, else "unknown".

    A checkout's own file comes first, because another version may be installed in the same environment.
    """
    file = package.parent / "pyproject.toml"
    if file.is_file():
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == DISTRIBUTION:
            return project["version"]
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:  # a Space or a container image holds the package alone
        return UNKNOWN
