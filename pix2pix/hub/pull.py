"""Getting a model into the checkpoints folder: by its known name, from the Hub, from a URL, from this disk."""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout
from huggingface_hub import try_to_load_from_cache
from pydantic import ValidationError

from pix2pix.checkpoint.catalog import check_name, find_pulled, known_models
from pix2pix.checkpoint.config import CheckpointError, describe_errors
from pix2pix.checkpoint.folder import CONFIG_FILE, GENERATOR_FILE, check_folder, recover, save_checkpoint, staged
from pix2pix.checkpoint.origin import Origin, OriginFile, now, read_origin, write_origin
from pix2pix.convert.reader import ConversionOptions, convert_weights
from pix2pix.convert.weights import MAX_BYTES, too_large
from pix2pix.hub.contents import MAX_FILE_BYTES, checkpoint_files, choose_weights
from pix2pix.hub.download import fetch, require_size
from pix2pix.hub.errors import HubError, explained
from pix2pix.hub.progress import Meter, Progress
from pix2pix.hub.remote import RemoteFile, Snapshot, sha256
from pix2pix.hub.sources import Source, locate, parse, simplified

# Within checkpoints/, so that what is complete moves into place without a copy; catalog.py leaves dotted folders out.
DOWNLOADS = ".downloads"
# What the catalog knows of a model and a weights file does not say.
KNOWN_OPTIONS = ("task", "objective", "direction", "norm_statistics", "license", "notes")


def pull(
    source: str,
    checkpoints: Path,
    name: str | None = None,
    revision: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    *,
    file: str = "",
    overwrite: bool = False,
    visitor: bool = False,
    endpoint: str | None = None,
    token: str | bool | None = None,
    **options: object,
) -> Path:
    """Get a model into `checkpoints`/`name` and return that folder, which appears whole or not at all.

    `source` is a name of known_models.toml, `owner/name[@revision]` or its page on the Hub, the URL of a weights file, or
    a file or folder of this disk, under a `name` of known_models.toml a copy of that one. Other projects' weights are
    converted: `file` says which of a repository, `options` are fields of `ConversionOptions` and replace what the catalog knows.
    A folder that was pulled from elsewhere, or made here, is replaced only with `overwrite`. `visitor` says that somebody else
    than the owner of the folder asks; what the owner pulled stays the owner's when a visitor repairs it. An interrupted pull
    goes on where it stopped; `progress` may raise to interrupt. Raise HubError with one sentence.
    """
    parsed = parse(source, revision, endpoint)
    if parsed.kind == "disk" and name in known_models():  # a copy of what its server does not give
        parsed = replace(parsed, known=known_models()[name])
    file = file or (parsed.known.file if parsed.known else "")
    options = {key: value for key, value in options.items() if value is not None}
    with explained(parsed.where):
        name = check_name(name or parsed.default_name)
        snapshot = locate(parsed, file, endpoint, token)
        folder = checkpoints / name
        _check_free(folder, snapshot, overwrite)
        before = read_origin(folder)
        visitor = visitor and (before is None or before.visitor)
        with _reserved(checkpoints, name) as downloads:
            if _is_ours(snapshot, downloads):
                if options:
                    raise HubError(f"{parsed.where} is in our own format, which says itself what {', '.join(options)} would")
                _install(snapshot, folder, downloads, progress, visitor)
            else:
                weights = snapshot.files[choose_weights(parsed.where, snapshot.files, file)]
                _convert(parsed, snapshot, weights, folder, downloads, progress, options, visitor)
            shutil.rmtree(downloads, ignore_errors=True)
    return folder


def ensure(source: str, checkpoints: Path, progress: Callable[[Progress], None] | None = None) -> Path:
    """Return the folder of the model that was pulled from `source` before; else pull it now. Raise HubError."""
    parsed = parse(source)
    folder = find_pulled(checkpoints, parsed.where.partition("#")[0], parsed.revision)
    if folder is not None:
        return folder
    name = parsed.default_name
    if parsed.revision and (checkpoints / name).exists():
        name = f"{name}-{simplified(parsed.revision)}"  # beside the one that is there
    return pull(source, checkpoints, name, progress=progress)


def _check_free(folder: Path, snapshot: Snapshot, overwrite: bool) -> None:
    recover(folder)
    origin = read_origin(folder)
    if folder.exists() and not overwrite and (origin is None or origin.source != snapshot.source):
        history = f"came from {origin.source}" if origin else "was not pulled"
        raise HubError(f"{folder} is there already and {history}; choose another name, or allow it to be replaced")


@contextlib.contextmanager
def _reserved(checkpoints: Path, name: str) -> Iterator[Path]:
    """Yield the folder for what is still incomplete, for this process alone. It survives an interruption."""
    downloads = checkpoints / DOWNLOADS / name
    downloads.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(_lock_of(downloads), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise HubError(f"{name} is being pulled already") from None
    try:
        downloads.mkdir(exist_ok=True)
        yield downloads
    finally:
        lock.release()


def _lock_of(downloads: Path) -> Path:
    return downloads.with_name(f".{downloads.name}.lock")


def forget_download(source: str, checkpoints: Path, name: str | None = None) -> None:
    """Delete what an interrupted pull of `source` under `name` left, unless another one is at it. Raise nothing."""
    with contextlib.suppress(HubError, CheckpointError, OSError):
        name = check_name(name or parse(source).default_name)
        with _reserved(checkpoints, name) as downloads:
            shutil.rmtree(downloads, ignore_errors=True)
            _lock_of(downloads).unlink(missing_ok=True)


def _is_ours(snapshot: Snapshot, downloads: Path) -> bool:
    """Return whether the source is a checkpoint in our format, which its config.json tells."""
    if CONFIG_FILE not in snapshot.files or GENERATOR_FILE not in snapshot.files:
        return False
    path = _obtain(snapshot, snapshot.files[CONFIG_FILE], downloads, Meter(None), MAX_FILE_BYTES[CONFIG_FILE])
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        raise HubError(f"{snapshot.source}: {CONFIG_FILE} is damaged, it is not JSON") from None
    return isinstance(content, dict) and "format_version" in content


def _install(
    snapshot: Snapshot, folder: Path, downloads: Path, progress: Callable[[Progress], None] | None, visitor: bool
) -> None:
    """Get a checkpoint of our format as it is."""
    limits = checkpoint_files(snapshot.files)
    sizes = [size for name in limits if (size := snapshot.files[name].size) is not None]
    meter = Meter(sum(sizes) if len(sizes) == len(limits) else None, progress)
    paths = {name: _obtain(snapshot, snapshot.files[name], downloads, meter, limit, folder) for name, limit in limits.items()}
    with staged(folder) as staging:
        for name, path in paths.items():
            (staging / name).parent.mkdir(exist_ok=True)
            if path.is_relative_to(downloads):
                path.replace(staging / name)
            else:
                shutil.copyfile(path, staging / name)
        try:
            generator = check_folder(staging).generator
        except CheckpointError as error:
            raise HubError(f"{snapshot.source}: {str(error).replace(f'{staging.name}/', '')}") from error
        if (channels := (generator.in_channels, generator.out_channels)) != (3, 3):
            raise HubError(f"{snapshot.source} translates {channels[0]} to {channels[1]} channels, which the studio cannot show")
        write_origin(staging, _origin(snapshot, {name: staging / name for name in paths}, visitor))


def _convert(
    source: Source,
    snapshot: Snapshot,
    weights: RemoteFile,
    folder: Path,
    downloads: Path,
    progress: Callable[[Progress], None] | None,
    options: dict[str, object],
    visitor: bool,
) -> None:
    """Get another project's weights and write them as a checkpoint of ours."""
    if weights.size is not None and weights.size > MAX_BYTES:
        raise too_large(weights.path, weights.size)
    path = _obtain(snapshot, weights, downloads, Meter(weights.size, progress), MAX_BYTES)
    known = {name: getattr(source.known, name) for name in KNOWN_OPTIONS} if source.known else {}
    conversion = {"task": folder.name, "direction": "AtoB"} | known | options
    if source.kind != "disk":
        commit = f" at commit {snapshot.commit}" if snapshot.commit else ""
        conversion["notes"] = f"{conversion.get('notes', '')} From {snapshot.source}{commit}.".strip()
    check_name(str(conversion["task"]))
    try:
        config, network = convert_weights(path, ConversionOptions(**conversion))
    except CheckpointError as error:
        raise HubError(f"{snapshot.source}: {str(error).replace(str(path), weights.path)}") from error
    except ValidationError as error:
        raise HubError(f"{snapshot.source}: {describe_errors(error)}") from error
    save_checkpoint(folder, config, network, origin=_origin(snapshot, {weights.path: path}, visitor))


def _obtain(
    snapshot: Snapshot, file: RemoteFile, downloads: Path, meter: Meter, limit: int, installed: Path | None = None
) -> Path:
    """Return a path to the file's content: on this disk already, e.g. in the folder `installed`, or downloaded now."""
    require_size(file, limit)
    if snapshot.folder:
        meter.have(file.path, file.size or 0)
        return snapshot.folder / file.path
    target = downloads / file.path
    if file.sha256 or file.git_sha1:
        for path in (target, installed and installed / file.path, _cached(snapshot, file)):
            if path and file.matches(path):
                meter.have(file.path, path.stat().st_size)
                return path
    fetch(file, target, meter, snapshot.headers, limit)
    return target


def _cached(snapshot: Snapshot, file: RemoteFile) -> Path | None:
    """Return the file in the Hub cache, where `Generator.from_pretrained` and other programs put what they load."""
    cached = snapshot.commit and try_to_load_from_cache(snapshot.source, file.path, revision=snapshot.commit)
    return Path(cached) if isinstance(cached, str) else None


def _origin(snapshot: Snapshot, received: dict[str, Path], visitor: bool) -> Origin:
    files = {name: OriginFile(size=path.stat().st_size, sha256=sha256(path)) for name, path in received.items()}
    return Origin(
        source=snapshot.source, revision=snapshot.revision, commit=snapshot.commit, files=files, date=now(), visitor=visitor
    )
