"""The PatchGAN: what one of its outputs sees, measured."""

import pytest
import torch

from pix2pix.networks.patchgan import PATCHES, PatchGAN, window


def seen_by(patch: int, side: int, logit: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the input pixels that the gradient of one logit reaches."""
    torch.manual_seed(0)
    network = PatchGAN(1, 1, ndf=1, patch=patch, norm="none").double()  # a norm would let every pixel reach every output
    b = torch.randn(1, 1, side, side, dtype=torch.double, requires_grad=True)
    network(torch.randn_like(b), b)[0, 0, *logit].backward()
    reached = b.grad[0, 0].nonzero()
    return tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in reached.unbind(1))


@pytest.mark.parametrize("patch", PATCHES)
def test_the_window_is_where_a_logits_gradient_arrives(patch):
    size, stride, first = window(patch)
    assert size == patch
    assert PatchGAN(ndf=1, patch=patch).window == (size, stride, first)
    middle = -(first // stride) + 1  # the first logits of which nothing lies outside the picture
    side = 2 * patch + 40
    for logit in ((middle, middle), (middle + 1, middle + 3)):
        expected = tuple(slice(first + at * stride, first + at * stride + size) for at in logit)
        assert seen_by(patch, side, logit) == expected


@pytest.mark.parametrize("patch", [16, 70])
def test_the_first_window_begins_outside_the_picture(patch):
    size, _, first = window(patch)
    assert first < 0
    assert seen_by(patch, 2 * patch, (0, 0)) == (slice(0, first + size),) * 2


def test_patches_are_the_papers():
    assert PATCHES == (1, 16, 70, 286)


def test_papers_discriminator():
    network = PatchGAN(ndf=64, patch=70)
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 2) == 2.77
    with torch.inference_mode():
        assert network(*torch.zeros(2, 1, 3, 256, 256)).shape == (1, 1, 30, 30)


@pytest.mark.parametrize(("patch", "side"), [(1, 256), (16, 126), (70, 30), (286, 6)])
def test_map_size_at_256(patch, side):
    with torch.inference_mode():
        assert PatchGAN(ndf=1, patch=patch, norm="none")(*torch.zeros(2, 1, 3, 256, 256)).shape == (1, 1, side, side)


@pytest.mark.parametrize("patch", PATCHES)
def test_smallest_side_leaves_one_logit_and_less_none(patch):
    network = PatchGAN(ndf=1, patch=patch, norm="none")
    side = network.smallest_side
    assert network(*torch.zeros(2, 1, 3, side, side)).shape == (1, 1, 1, 1)
    with pytest.raises(RuntimeError):
        network(*torch.zeros(2, 1, 3, side - 1, side - 1))


def test_widths_are_the_papers():
    widths = [layer.out_channels for layer in PatchGAN(ndf=64, patch=286).layers if isinstance(layer, torch.nn.Conv2d)]
    assert widths == [64, 128, 256, 512, 512, 512, 1]


@pytest.mark.parametrize("conditional", [True, False])
def test_only_a_conditional_discriminator_sees_the_input(conditional):
    torch.manual_seed(0)
    network = PatchGAN(ndf=4, patch=16, norm="instance", conditional=conditional).eval()
    b = torch.randn(1, 3, 32, 32)
    first, second = (network(a, b) for a in torch.randn(2, 1, 3, 32, 32))
    assert torch.equal(first, second) is not conditional
    assert not torch.equal(first, network(b, torch.randn(1, 3, 32, 32)))


def test_unknown_patch_is_named():
    with pytest.raises(ValueError, match="71"):
        PatchGAN(patch=71)
