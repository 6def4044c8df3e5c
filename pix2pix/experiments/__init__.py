"""The paper's experiments as one study: what is trained (study), training it (train), measuring it (measure), its tables."""
