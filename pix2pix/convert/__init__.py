"""Other projects' pix2pix weights, read into ours: `reader.read_foreign`."""
