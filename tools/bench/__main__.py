"""`python -m tools.bench`, from the root of the repository."""

import argparse
from pathlib import Path

from tools.bench import print_cold_start, print_report

parser = argparse.ArgumentParser(
    prog="python -m tools.bench",
    description="Measures speed on this machine: translation, training, the studio and many people in it.",
)
add = parser.add_argument
add("--checkpoints", type=Path, default=Path("checkpoints"), help="folder of models (default: %(default)s)")
add("--seconds", type=float, help="how long each crowd of 1, 8 and 32 draws (default 60; with --quick 5)")
add("--quick", action="store_true", help="fewer repeats")
add("--space", action="store_true", help="instead: how a Space starts, in a clean folder with exactly the files it would get")

if __name__ == "__main__":
    options = parser.parse_args()
    if options.space:
        print_cold_start(options.checkpoints)
    else:
        print_report(options.checkpoints, options.seconds or (5 if options.quick else 60), options.quick)
