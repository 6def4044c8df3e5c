"""The paper's settings per data set (6.2): pairs, batch, epochs, jitter and mirroring.

A `load_size` is for pictures of 256 pixels; where none is said, jitter is that of `TrainingOptions`.
"""

PRESETS: dict[str, dict[str, object]] = {
    "facades": {"direction": "BtoA", "batch": 1, "epochs": 100, "decay_epochs": 100, "flip": True},
    "maps": {"direction": "AtoB", "batch": 1, "epochs": 100, "decay_epochs": 100, "flip": True},
    "cityscapes": {"direction": "BtoA", "batch": 1, "epochs": 100, "decay_epochs": 100, "flip": True},
    "edges2shoes": {"direction": "AtoB", "batch": 4, "epochs": 15, "decay_epochs": 0, "load_size": 256, "flip": False},
    "edges2handbags": {"direction": "AtoB", "batch": 4, "epochs": 15, "decay_epochs": 0, "load_size": 256, "flip": False},
    "day2night": {"direction": "AtoB", "batch": 4, "epochs": 17, "decay_epochs": 0, "flip": True},
}
