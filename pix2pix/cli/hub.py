"""Commands of the Hub: pull, publish, search, space."""

import argparse

from pix2pix.checkpoint.catalog import check_name, known_models
from pix2pix.cli.common import Command, download_bar
from pix2pix.data.pairs import DIRECTIONS
from pix2pix.hub.publish import publish
from pix2pix.hub.pull import pull
from pix2pix.hub.search import search
from pix2pix.hub.space import space
from pix2pix.hub.upload import Upload


def add_commands(command: Command) -> None:
    """Add this file's commands to the parser."""
    add = command("pull", run_pull, "Get a model into checkpoints/ from the Hub, a URL or this disk; convert other projects'.")
    add("source", metavar="SOURCE", help="owner/name[@revision], a URL, a file or folder, or a known model (search --known)")
    add("--as", dest="name", metavar="NAME", help="its folder in checkpoints/ (default: as it is called there)")
    add("--revision", help="branch, tag or commit (default main)")
    add("--overwrite", action="store_true", help="replace a model of this name that came from elsewhere")
    add("--file", default="", help="which file of a repository holds the weights")
    add("--part", help="which of several generators in a file, e.g. netG_A")
    add("--task", help="what is translated, e.g. edges2cats (default NAME)")
    add("--direction", choices=DIRECTIONS, help="which side of its training pairs was the input (default AtoB)")
    add("--objective", help="what it was trained with (default l1+cgan)")
    add("--dropout", type=float, help="what it was trained with (default: its project's)")
    add("--channel-order", choices=["rgb", "bgr"], help="how it reads colors (default: its project's)")
    add("--image-range", type=float, nargs=2, metavar=("BLACK", "WHITE"), help="how it writes these colors (default -1 1)")
    add("--norm-statistics", choices=["image", "running"], help="how its norms work (default image)")
    add("--image-size", type=int, help="the size it was trained at (default: by its depth)")
    add("--license", "--licence", help="its license, for the card")
    add("--notes", help="a paragraph for its card")

    add = command("publish", run_publish, "Put a checkpoint on the Hub; again, and only what changed is sent.")
    add("name", metavar="NAME", help="a name in checkpoints/")
    add("--to", required=True, metavar="OWNER/REPO", help="the repository, made if need be")
    add("--private", action="store_true", help="make it private, if it is new")

    add = command("search", run_search, "List models that others published from this app.")
    add("--task", help="only models of this task, e.g. edges2shoes")
    add("--known", action="store_true", help="list the public models of other projects that can be pulled by name instead")

    add = command("space", run_space, "Put the studio on the Hub as a Space, with checkpoints.")
    add("names", nargs="*", metavar="NAME", help="checkpoints to take along (default all that are usable)")
    add("--to", required=True, metavar="OWNER/NAME", help="the Space, made if need be")
    add("--private", action="store_true", help="make it private, if it is new")


# What `pull` takes for weights that do not say it themselves.
CONVERSION_OPTIONS = (
    "task",
    "objective",
    "direction",
    "part",
    "dropout",
    "channel_order",
    "image_range",
    "norm_statistics",
    "image_size",
    "license",
    "notes",
)


def run_pull(options: argparse.Namespace) -> None:
    with download_bar() as progress:
        folder = pull(
            options.source,
            options.checkpoints,
            options.name,
            options.revision,
            progress,
            file=options.file,
            overwrite=options.overwrite,
            **{name: getattr(options, name) for name in CONVERSION_OPTIONS},
        )
    print(f"{options.source} is in {folder}; the studio offers it now")


def run_publish(options: argparse.Namespace) -> None:
    _print_upload(publish(options.checkpoints / check_name(options.name), options.to, private=options.private))


def run_search(options: argparse.Namespace) -> None:
    if options.known:
        for name, model in known_models().items():
            print(f"{name:24} {model.task:16} {model.license:14} {model.source}")
        return
    published = search(options.task)
    for found in published:
        print(f"{found.repo:40} {found.task:20} {found.objective:10} {found.downloads} downloads, {found.updated}")
    if not published:
        print("no models" + (f" of {options.task}" if options.task else "") + " were published yet")


def run_space(options: argparse.Namespace) -> None:
    _print_upload(space(options.to, options.checkpoints, options.names, private=options.private))


def _print_upload(done: Upload) -> None:
    deleted = f", {len(done.deleted)} deleted" if done.deleted else ""
    print(f"{done.url}: {len(done.sent)} files sent, {len(done.unchanged)} were there already{deleted}")
