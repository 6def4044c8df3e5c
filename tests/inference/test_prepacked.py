"""Packed weights: the numbers of plain convolutions, in every shape."""

import copy

import pytest
import torch
from torch import nn

from pix2pix.inference.precision import worth_trying
from pix2pix.inference.prepacked import Prepacked, prepack
from pix2pix.networks.unet import UNet

needs_kernels = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN")

needs_bf16 = pytest.mark.skipif(not worth_trying("bf16", torch.device("cpu")), reason="this processor has no bf16 units")


@needs_kernels
@pytest.mark.parametrize("dtype", [torch.float32, pytest.param(torch.bfloat16, marks=needs_bf16)])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
def test_a_packed_network_is_the_plain_one_at_any_size(dtype, layout, upsampling):
    torch.manual_seed(0)
    plain = UNet(ngf=8, levels=4, norm="instance", upsampling=upsampling, noise_injection=True).eval().requires_grad_(False)
    plain = plain.to(dtype).to(memory_format=layout)
    packed = prepack(copy.deepcopy(plain))
    assert not [module for module in packed.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]
    for shape in ((1, 3, 32, 32), (3, 3, 32, 64), (1, 3, 80, 16), (8, 3, 16, 16)):
        a = torch.randn(shape).to(dtype).contiguous(memory_format=layout)
        with torch.inference_mode():
            torch.testing.assert_close(packed(a), plain(a), rtol=1e-3 if dtype == torch.float32 else 2e-2, atol=1e-2)


@needs_kernels
def test_what_has_no_kernel_stays():
    reflecting = nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect")
    halves = nn.Conv2d(3, 3, 3).half()
    network = nn.Sequential(reflecting, halves, nn.Conv2d(3, 3, 3, groups=3, bias=False))
    prepack(network)
    assert network[0] is reflecting
    assert network[1] is halves
    assert isinstance(network[2], Prepacked)


def test_without_kernels_nothing_changes(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    network = nn.Sequential(nn.Conv2d(3, 3, 3))
    assert type(prepack(network)[0]) is nn.Conv2d
