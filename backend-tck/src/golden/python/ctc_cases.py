"""Writes the golden values of connectionist temporal classification; run it in the folder of the cases. It needs PyTorch 1.13."""
import torch
from torch import nn
from torch.nn import functional

from golden_case import list_cases, numbers, write

TIMES, CLASSES = 8, 5


def ctc(name, labels, input_lengths, label_lengths, blank=0, reduction="mean", zero_infinity=False):
    """Labels are rows of one length; the input is scores [N, T, C], of which log_softmax is taken."""
    parameters = {"labels": sum(labels, []), "most_labels": len(labels[0]), "input_lengths": input_lengths,
                  "label_lengths": label_lengths, "blank": blank, "reduction": reduction, "zero_infinity": zero_infinity}

    def compute(x):
        logs = functional.log_softmax(x, 2).transpose(0, 1)
        return functional.ctc_loss(logs, torch.tensor(labels), torch.tensor(input_lengths), torch.tensor(label_lengths),
                                   blank, reduction, zero_infinity)

    return write(name, "CTCLoss", parameters, nn.Module(), {"input": numbers(11, (len(labels), TIMES, CLASSES), -3, 3)}, compute)


repeated = [[1, 1, 1], [2, 2, 3], [4, 1, 4]]
list_cases([
    ctc("ctc", [[1, 2, 3], [4, 3, 1], [2, 4, 2]], [8, 8, 8], [3, 3, 3]),
    ctc("ctc-lengths", [[1, 2, 3], [4, 3, 0], [2, 0, 0]], [8, 5, 3], [3, 2, 1], reduction="none"),
    ctc("ctc-repeated", repeated, [8, 5, 7], [3, 3, 3], reduction="sum"),
    ctc("ctc-blank-last", [[0, 0, 1], [3, 2, 1], [2, 0, 2]], [8, 6, 8], [3, 3, 2], blank=4),
    ctc("ctc-blank-inside", [[0, 3, 1], [3, 4, 1], [1, 1, 0]], [8, 6, 8], [3, 3, 2], blank=2, reduction="none"),
    ctc("ctc-no-labels", [[0, 0], [1, 0], [0, 0]], [8, 1, 4], [0, 1, 0], reduction="none"),
    ctc("ctc-zero-infinity", repeated, [4, 5, 2], [3, 3, 3], zero_infinity=True),
    ctc("ctc-one-time", [[3], [1], [2]], [1, 1, 8], [1, 1, 1], reduction="none"),
])
