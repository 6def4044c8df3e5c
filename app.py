"""Open the studio. `python app.py --help` lists the settings."""

import sys

from pix2pix.studio.launch import main

if __name__ == "__main__":
    sys.exit(main())
