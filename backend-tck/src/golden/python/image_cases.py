"""Writes the golden values of layers of signals, images and volumes; run it in the folder of the cases. It needs PyTorch 1.13."""
import torch
from torch import nn
from torch.nn import functional

from golden_case import list_cases, numbers, write

SIZES = {1: (7,), 2: (6, 7), 3: (5, 4, 6)}


def distinct(*shape):
    """Numbers of which no two are equal."""
    count = torch.Size(shape).numel()
    order = torch.randperm(count, generator=torch.Generator().manual_seed(9))
    return ((order - count // 2).double() / 64).reshape(shape)


def convolution(rank, transposed=False, **settings):
    kind = "ConvTranspose%dd" % rank if transposed else "Conv%dd" % rank
    kernel = (3, 2, 3)[:rank] if not (transposed and rank == 2) else (3, 3)
    options = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "output_padding": 0, **settings}
    parameters = {"in_channels": 4, "out_channels": 6, "kernel_size": list(kernel), **options}
    if not transposed:
        del options["output_padding"]
    module = getattr(nn, kind)(4, 6, kernel, **options)
    size = (3, 2, 4)[:rank] if transposed else SIZES[rank]
    name = kind.lower() + "".join("-%s%d" % (key.replace("_", "-"), value) for key, value in settings.items())
    return write(name, kind, parameters, module, {"input": numbers(1, (2, 4) + size)}, module)


def pooling(kind, rank, **settings):
    name = "%sPool%dd" % (kind, rank)
    counted = {} if kind == "Max" else {"count_include_pad": True}
    options = {"kernel_size": 2, "stride": 2, "padding": 0, "ceil_mode": False, **counted, **settings}
    module = getattr(nn, name)(**options)
    case = name.lower() + "".join("-%s%d" % (key.replace("_", "-"), value) for key, value in settings.items())
    parameters = {"dilation": 1, "count_include_pad": True, **options}
    return write(case, name, parameters, module, {"input": distinct(2, 2, *SIZES[rank])}, module)


def adaptive(kind, size):
    layer = "Adaptive%sPool%dd" % (kind, len(size))
    module = getattr(nn, layer)(size)
    case = layer.lower() + "-" + "x".join(map(str, size))
    return write(case, layer, {"output_size": list(size)}, module, {"input": distinct(2, 2, *SIZES[len(size)])}, module)


def interpolation(mode, size, align=None):
    case = "interpolate-%s%s-%dx%d" % (mode, "-corners" if align else "", *size)
    parameters = {"size": list(size), "mode": mode, "align_corners": bool(align)}
    return write(case, "Interpolate", parameters, nn.Module(), {"input": numbers(2, (2, 2, 4, 5))},
                 lambda x: functional.interpolate(x, size, mode=mode, align_corners=align))


def grid_sample(mode, padding, align):
    case = "grid-sample-%s-%s%s" % (mode, padding, "-corners" if align else "")
    # Places whose distance to where a pixel begins is far above rounding.
    grid = numbers(3, (2, 3, 4, 2), -1.3, 1.3) + 1 / 512
    parameters = {"mode": mode, "padding_mode": padding, "align_corners": align}
    return write(case, "GridSample", parameters, nn.Module(), {"input": numbers(4, (2, 2, 4, 5)), "grid": grid},
                 lambda x, grid: functional.grid_sample(x, grid, mode, padding, align))


def simple(layer, module, parameters, shape):
    return write(layer.lower(), layer, parameters, module, {"input": numbers(5, shape)}, module)


class UNet(nn.Module):
    """Ronneberger et al. 2015 with padding and batch normalisation, of one halving."""

    def __init__(self):
        super().__init__()
        self.down0, self.down1 = self.twice(2, 2), self.twice(2, 4)
        self.enlarge0 = nn.ConvTranspose2d(4, 2, 2, stride=2)
        self.up0 = self.twice(4, 2)
        self.scores = nn.Conv2d(2, 3, 1)

    @staticmethod
    def twice(*channels):
        layers = []
        for before, after in (channels, channels[1:] * 2):
            layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        return nn.Sequential(*layers)

    def forward(self, x):
        down = self.down0(x)
        enlarged = self.enlarge0(self.down1(functional.max_pool2d(down, 2)))
        return self.scores(self.up0(torch.cat([down, enlarged], 1)))


def unet():
    module = UNet()
    return write("unet", "UNet", {}, module, {"input": numbers(6, (2, 2, 4, 6))}, module, training=True)


list_cases([
    convolution(1),
    convolution(1, stride=2, padding=1, dilation=2, groups=2),
    convolution(3),
    convolution(3, stride=2, padding=1, groups=2),
    convolution(3, padding=2, dilation=2),
    convolution(1, True, stride=2, padding=1, output_padding=1, groups=2),
    convolution(2, True),
    convolution(2, True, stride=2, padding=1, output_padding=1, groups=2),
    convolution(2, True, stride=3, dilation=2),
    convolution(3, True),
    convolution(3, True, stride=2, padding=1, output_padding=1, groups=2),
    pooling("Max", 1, kernel_size=3, padding=1),
    pooling("Max", 1, kernel_size=3, padding=1, ceil_mode=True),
    pooling("Max", 1, kernel_size=2, stride=1, dilation=2),
    pooling("Max", 2, kernel_size=3, padding=1, ceil_mode=True),
    pooling("Max", 2, kernel_size=2, stride=1, dilation=2),
    pooling("Max", 3),
    pooling("Max", 3, kernel_size=3, padding=1, ceil_mode=True),
    pooling("Max", 3, kernel_size=2, stride=1, dilation=2),
    pooling("Avg", 1, kernel_size=3, padding=1),
    pooling("Avg", 1, kernel_size=3, padding=1, ceil_mode=True),
    pooling("Avg", 1, kernel_size=3, padding=1, count_include_pad=False),
    pooling("Avg", 2, kernel_size=3, padding=1, ceil_mode=True),
    pooling("Avg", 2, kernel_size=3, padding=1, count_include_pad=False),
    pooling("Avg", 3),
    pooling("Avg", 3, kernel_size=3, padding=1, ceil_mode=True),
    pooling("Avg", 3, kernel_size=3, padding=1, count_include_pad=False),
    *[adaptive(kind, size) for kind in ("Avg", "Max") for size in ((3,), (4, 2), (2, 4, 5))],
    interpolation("nearest", (8, 10)),
    interpolation("nearest", (3, 7)),
    interpolation("nearest-exact", (3, 7)),
    *[interpolation(mode, size, align)
      for mode in ("bilinear", "bicubic") for size, align in (((8, 10), False), ((3, 7), False), ((7, 3), True))],
    *[grid_sample(mode, padding, align) for mode in ("bilinear", "nearest")
      for padding, align in (("zeros", False), ("border", True))],
    simple("PixelShuffle", nn.PixelShuffle(2), {"factor": 2}, (2, 8, 2, 3)),
    simple("PixelUnshuffle", nn.PixelUnshuffle(2), {"factor": 2}, (2, 2, 4, 6)),
    simple("ReflectionPad2d", nn.ReflectionPad2d((1, 2, 0, 3)), {"padding": [1, 2, 0, 3]}, (2, 2, 4, 3)),
    simple("ZeroPad2d", nn.ZeroPad2d((1, 2, 0, 3)), {"padding": [1, 2, 0, 3]}, (2, 2, 4, 3)),
    unet(),
])
