#!/usr/bin/env python3
"""Trains nets of Alborz in PyTorch, round by round on command, so that the rounds of both can take turns.

    python3 torch_cnn.py cuda|cpu

Standard input has a command a line, standard output has an answer a line:

    about                     about VERSIONS           what it runs on
    prepare NET MODE BATCH SECS
                              ready PARAMETERS NOTE    builds the net and warms up; NOTE tells what was chosen
    run SECS                  rate IMAGES_A_SECOND     trains for about so long

What cannot be done is answered by "failed" and the reason. The end of the input ends the process. The nets are cifar-cnn,
resnet20 and resnet18, for images of 32 by 32 pixels in 10 classes. The modes are eager-fp32,
eager-tf32, graph-tf32 (the whole step as one CUDA graph) and graph-bf16 (the same with weights and data in bfloat16,
channels-last). Where the mode leaves the order of memory open, the faster of both is taken. A step does what a step of
Alborz's trainer does: upload from pinned memory, forward with dropout, cross-entropy, backward, Adam (fused), and the sums
of loss and right predictions, which stay on the device.
"""

import sys
import time

MODES = ("eager-fp32", "eager-tf32", "graph-tf32", "graph-bf16")
WARM_UP_STEPS = 5


def cifar_cnn(torch):
    """The CNN of the Keras CIFAR-10 example; models/Models.java has the same."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
        nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(64 * 8 * 8, 512), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(512, 10),
    )


def residual(torch, widths, blocks):
    """A residual net with basic blocks and projections, whose first convolution is 3x3; models/ResNet.java has the same."""
    nn = torch.nn

    def conv(inputs, outputs, kernel, stride):
        return nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False)

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.body = nn.Sequential(
                conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
                conv(outputs, outputs, 3, 1), nn.BatchNorm2d(outputs))
            same = inputs == outputs and stride == 1
            self.shortcut = nn.Identity() if same else nn.Sequential(
                conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

        def forward(self, x):
            return nn.functional.relu(self.body(x) + self.shortcut(x), inplace=True)

    layers = [conv(3, widths[0], 3, 1), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True)]
    inputs = widths[0]
    for stage, outputs in enumerate(widths):
        for block in range(blocks):
            layers.append(Block(inputs, outputs, 2 if stage > 0 and block == 0 else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


NETS = {
    "cifar-cnn": cifar_cnn,
    "resnet20": lambda torch: residual(torch, (16, 32, 64), 3),
    "resnet18": lambda torch: residual(torch, (64, 128, 256, 512), 2),
}


class Training:
    """A net in training on one batch, which is uploaded again for each step."""

    def __init__(self, torch, device, net, mode, batch, channels_last):
        self.torch, self.device, self.batch = torch, device, batch
        on_gpu = device == "cuda"
        dtype = torch.bfloat16 if mode.endswith("bf16") else torch.float32
        order = torch.channels_last if channels_last else torch.contiguous_format
        torch.manual_seed(7)
        self.model = NETS[net](torch).to(device=device, dtype=dtype, memory_format=order).train()
        graphed = mode.startswith("graph")
        options = {"fused": True, "capturable": graphed} if on_gpu else {"fused": True}
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, **options)
        self.loss = torch.nn.CrossEntropyLoss()
        images = torch.randn(batch, 3, 32, 32).to(dtype).to(memory_format=order)
        labels = torch.randint(0, 10, (batch,))
        self.host = [t.pin_memory() if on_gpu else t for t in (images, labels)]
        self.inputs = torch.empty_like(images, device=device)
        self.labels = torch.empty_like(labels, device=device)
        self.loss_sum = torch.zeros((), device=device)
        self.correct = torch.zeros((), device=device)
        self.graph = self.record() if graphed else None
        for _ in range(WARM_UP_STEPS):
            self.step()
        self.wait()

    def compute(self):
        self.optimizer.zero_grad(set_to_none=True)
        logits = self.model(self.inputs)
        loss = self.loss(logits, self.labels)
        loss.backward()
        self.optimizer.step()
        self.loss_sum += loss.detach().float() * self.batch
        self.correct += (logits.detach().argmax(1) == self.labels).sum()

    def record(self):
        """Captures a step, as PyTorch's notes on CUDA graphs say: warm up on a side stream first."""
        torch = self.torch
        self.upload()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP_STEPS):
                self.compute()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self.compute()
        return graph

    def upload(self):
        self.inputs.copy_(self.host[0], non_blocking=True)
        self.labels.copy_(self.host[1], non_blocking=True)

    def step(self):
        self.upload()
        if self.graph is None:
            self.compute()
        else:
            self.graph.replay()

    def wait(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def rate(self, seconds):
        """Images a second; waits for the device seldom, as Alborz's Workload.rate does."""
        self.wait()
        start = time.perf_counter()
        steps, more, elapsed = 0, 1, 0.0
        while True:
            for _ in range(more):
                self.step()
            self.wait()
            steps += more
            elapsed = time.perf_counter() - start
            if elapsed >= seconds:
                return steps * self.batch / elapsed
            more = max(1, int(min(2 * steps, (seconds - elapsed) * steps / elapsed)))


class Worker:
    def __init__(self, torch, device):
        self.torch, self.device, self.training = torch, device, None

    def about(self):
        torch = self.torch
        if self.device == "cpu":
            return f"PyTorch {torch.__version__} on {torch.get_num_threads()} threads"
        return (f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}, "
                f"{torch.cuda.get_device_name(0)}")

    def prepare(self, net, mode, batch, seconds):
        if net not in NETS:
            raise ValueError(f"a net is one of {', '.join(NETS)}, got {net}")
        if mode not in MODES:
            raise ValueError(f"a mode is one of {', '.join(MODES)}, got {mode}")
        torch = self.torch
        self.training = None
        if self.device == "cuda":
            torch.cuda.empty_cache()
        tf32 = mode.endswith("tf32")
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        torch.backends.cudnn.benchmark = True  # let cuDNN try its algorithms
        orders = (True,) if mode.endswith("bf16") else (False, True)
        rates = {}
        for channels_last in orders:
            training = Training(torch, self.device, net, mode, batch, channels_last)
            training.rate(seconds / 2)
            rates[channels_last] = training.rate(seconds / 2), training
        best = max(rates, key=lambda order: rates[order][0])
        self.training = rates[best][1]
        parameters = sum(p.numel() for p in self.training.model.parameters())
        return f"{parameters} channels-{'last' if best else 'first'}"

    def answer(self, line):
        words = line.split()
        try:
            if words == ["about"]:
                return "about " + self.about()
            if len(words) == 5 and words[0] == "prepare":
                return "ready " + self.prepare(words[1], words[2], int(words[3]), float(words[4]))
            if len(words) == 2 and words[0] == "run":
                if self.training is None:
                    raise ValueError("nothing was prepared")
                return f"rate {self.training.rate(float(words[1]))}"
            raise ValueError(f"expected about, prepare NET MODE BATCH SECONDS or run SECONDS, got '{line.strip()}'")
        except Exception as e:  # whatever went wrong is an answer to be told
            return "failed " + " ".join(f"{type(e).__name__}: {e}".split())


def load(device):
    """Returns torch and None, or None and why it cannot be used."""
    try:
        import torch
    except ImportError as e:
        return None, f"PyTorch is not installed for {sys.executable or 'this Python'} ({e})"
    if device == "cuda" and not torch.cuda.is_available():
        return None, f"PyTorch {torch.__version__} sees no GPU"
    return torch, None


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # what others print is no answer
    device = sys.argv[1] if len(sys.argv) > 1 else "cuda"
    torch, reason = load(device)
    worker = Worker(torch, device)
    for line in sys.stdin:
        answers.write((worker.answer(line) if torch else "failed " + reason) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
