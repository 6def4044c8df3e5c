"""Trains a pix2pix model and adds it to checkpoints/. `python train.py --help` teaches."""

import sys

from pix2pix.training.command import main

if __name__ == "__main__":
    sys.exit(main())
