"""pix2pix: image-to-image translation with conditional adversarial networks (Isola et al., CVPR 2017)."""

__version__ = "0.1.0"
