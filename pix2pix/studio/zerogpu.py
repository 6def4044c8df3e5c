"""ZeroGPU Spaces, which lend a GPU to functions that ask for it."""


def declare() -> None:
    """Declares a GPU function where the `spaces` package is: without one a ZeroGPU Space does not start.

    It is never called: a picture takes a fraction of a second on the CPU, and no visitor's quota.
    """
    try:
        import spaces
    except ImportError:
        return
    spaces.GPU(_unused)


def _unused() -> None:
    pass
