"""Other projects' pix2pix weights, read into ours: `reader.convert_weights`."""
