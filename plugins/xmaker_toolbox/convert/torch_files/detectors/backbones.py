"""What detectors look with: the layers of MobileNetV2, Darknet-53 and ResNet, under MMDetection's names."""

from __future__ import annotations

from typing import Any

from xmaker_toolbox.convert.torch_files.detectors.weights import Activation, Weights
from xmaker_toolbox.convert.torch_files.libraries import torch

HALVED = (1, 2, 2, 2, 1, 2, 1)
"""The strides of a MobileNetV2's seven layers."""


def mobilenet(net: Weights, x: Any, act: Activation) -> list[Any]:
    """Return what the seven layers give, and the last convolution, where the network has one."""
    x, given = net.conv("backbone.conv1", x, 2, act), []
    for layer, stride in enumerate(HALVED, 1):
        for block in net.numbers(f"backbone.layer{layer}.{{}}.linear_conv.conv.weight"):
            name, y = f"backbone.layer{layer}.{block}", x
            if f"{name}.expand_conv.conv.weight" in net:
                y = net.conv(f"{name}.expand_conv", y, 1, act)
            y = net.conv(f"{name}.depthwise_conv", y, 1 if block else stride, act)
            y = net.conv(f"{name}.linear_conv", y)
            x = x + y if block else y  # all but the first keep size and channels
        given.append(x)
    if "backbone.conv2.conv.weight" in net:
        given.append(net.conv("backbone.conv2", x, 1, act))
    return given


def darknet(net: Weights, x: Any, act: Activation) -> list[Any]:
    """Return what the five stages of a Darknet-53 give."""
    x, given = net.conv("backbone.conv1", x, 1, act), []
    for stage in range(1, 6):
        name = f"backbone.conv_res_block{stage}"
        x = net.conv(f"{name}.conv", x, 2, act)
        for block in net.numbers(name + ".res{}.conv1.conv.weight"):
            x = x + net.conv(f"{name}.res{block}.conv2", net.conv(f"{name}.res{block}.conv1", x, 1, act), 1, act)
        given.append(x)
    return given


def resnet(net: Weights, x: Any, caffe: bool) -> list[Any]:
    """Return what the four layers give. In Caffe's way the first convolution of a block halves, not the second."""
    functional = torch().nn.functional
    relu, given = functional.relu, []
    x = functional.max_pool2d(net.layer("backbone.conv1", x, 2, relu), 3, 2, 1)
    for layer in range(1, 5):
        for block in net.numbers(f"backbone.layer{layer}.{{}}.conv1.weight"):
            name, stride = f"backbone.layer{layer}.{block}", 2 if layer > 1 and not block else 1
            deep = f"{name}.conv3.weight" in net
            first = stride if caffe or not deep else 1
            y = net.layer(f"{name}.conv1", x, first, relu)
            y = net.layer(f"{name}.conv2", y, stride // first, relu if deep else None)
            if deep:
                y = net.layer(f"{name}.conv3", y)
            if f"{name}.downsample.0.weight" in net:
                x = net.layer(f"{name}.downsample.0", x, stride)
            x = relu(x + y)
        given.append(x)
    return given
