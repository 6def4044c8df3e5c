"""Train a pix2pix model and add it to checkpoints/. `python train.py --help` explains it."""

import sys

from pix2pix.training.command import main

if __name__ == "__main__":
    sys.exit(main())
