"""Writes golden values that PyTorch 1.13 (torch.nn) computes; numbers that go in are multiples of 1/64, so they are exact in float32."""
import json
import torch

MADE_BY = "PyTorch 1.13, torch.nn in float64"
torch.manual_seed(0)
torch.set_num_threads(1)


def numbers(seed, shape, low=-1.0, high=1.0):
    generator = torch.Generator().manual_seed(seed)
    uniform = torch.rand(shape, generator=generator, dtype=torch.float64)
    return torch.round((low + (high - low) * uniform) * 64) / 64


def shown(tensor):
    values = [int(v) if v == int(v) else v for v in tensor.detach().reshape(-1).tolist()]
    return {"shape": list(tensor.shape), "values": values}


def write(name, layer, parameters, module, inputs, compute, training=False):
    """Writes a case; inputs are named tensors with gradients, the first is the input; what is left in buffers is written as well."""
    seed = sum(ord(c) for c in name)
    tensors = {}
    for index, parameter in enumerate(module.parameters()):
        parameter.data = numbers(seed + index, parameter.shape, -0.5, 0.5)
    module.double().train(training)
    buffers = [(key, value) for key, value in module.named_buffers() if "num_batches" not in key]
    tensors.update((key, shown(value)) for key, value in buffers)
    for key, value in inputs.items():
        inputs[key] = value.clone().requires_grad_(True)
    output = compute(*inputs.values())
    slope = numbers(seed + 100, output.shape)
    (output * slope).sum().backward()
    for key, value in list(inputs.items()) + list(module.named_parameters()):
        tensors[key] = shown(value)
        tensors[key + "_gradient"] = shown(value.grad)
    tensors.update((key + "_after", shown(value)) for key, value in buffers)
    tensors["output"] = shown(output)
    tensors["output_gradient"] = shown(slope)
    case = {"case": name, "layer": layer, "made_by": MADE_BY, "dtype": "float64", "parameters": parameters}
    with open(name + ".json", "w") as file:
        head = json.dumps(case)[:-1]
        lines = ",\n".join('    "%s": %s' % (key, json.dumps(value)) for key, value in tensors.items())
        file.write(head + ',\n  "tensors": {\n' + lines + "\n  }\n}\n")
    return name


def list_cases(names):
    """Adds names to the index."""
    with open("index.txt") as file:
        known = set(file.read().split())
    with open("index.txt", "w") as file:
        file.write("\n".join(sorted(known | set(names))) + "\n")
