"""Writes the golden values of instance and group normalisation; run it in the folder of the cases. It needs PyTorch 1.13."""
import torch
from torch import nn

from golden_case import list_cases, numbers, write

SIZES = {1: (7,), 2: (3, 4), 3: (2, 3, 2)}


def instance(rank, affine, track, training):
    layer = "InstanceNorm%dd" % rank
    module = getattr(nn, layer)(3, momentum=0.2, affine=affine, track_running_stats=track)
    if track and not training:
        module.running_mean.copy_(torch.tensor([0.25, -0.5, 0.125]))
        module.running_var.copy_(torch.tensor([0.5, 2.0, 1.25]))
    name = "%s%s%s-%s" % (layer.lower(), "-affine" if affine else "", "-tracked" if track else "",
                          "training" if training else "evaluation")
    parameters = {"num_features": 3, "eps": 1e-5, "momentum": 0.2, "affine": affine, "track_running_stats": track,
                  "training": training}
    return write(name, layer, parameters, module, {"input": numbers(7, (2, 3) + SIZES[rank], -2, 2)}, module, training)


def group(groups, channels):
    name = "groupnorm-%d-of-%d" % (groups, channels)
    module = nn.GroupNorm(groups, channels)
    return write(name, "GroupNorm", {"num_groups": groups, "num_channels": channels, "eps": 1e-5}, module,
                 {"input": numbers(8, (2, channels, 3, 2), -2, 2)}, module)


list_cases([
    instance(2, False, False, True),
    *[instance(rank, True, True, training) for rank in (1, 2, 3) for training in (True, False)],
    instance(2, False, True, True),
    group(2, 6), group(1, 3), group(3, 3),
])
