"""Writes the golden values of recurrent layers, attention and transformer layers; run it in the folder of the cases. It needs PyTorch 1.13."""
import torch
from torch import nn

from golden_case import list_cases, numbers, write


def flat(output, state):
    states = state if isinstance(state, tuple) else (state,)
    return torch.cat([output.reshape(-1)] + [s.reshape(-1) for s in states])


def recurrent(name, kind, steps=4, lengths=None, initial=False, nonlinearity=None, projection=0, **settings):
    batch, size, hidden = 3, 5, 4
    options = dict(settings)
    if nonlinearity:
        options["nonlinearity"] = nonlinearity
    if projection:
        options["proj_size"] = projection
    module = getattr(nn, kind)(size, hidden, batch_first=True, **options)
    x = numbers(1, (batch, steps, size))
    inputs = {"input": x}
    places = settings.get("num_layers", 1) * (2 if settings.get("bidirectional") else 1)
    if initial:
        inputs["h0"] = numbers(2, (places, batch, projection or hidden))
        if kind == "LSTM":
            inputs["c0"] = numbers(3, (places, batch, hidden))

    def compute(x, *states):
        state = None if not states else states if kind == "LSTM" else states[0]
        if lengths is None:
            return flat(*module(x, state))
        packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        output, last = module(packed, state)
        output, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=steps)
        return flat(output, last)

    parameters = {
        "input_size": size, "hidden_size": hidden, "num_layers": settings.get("num_layers", 1),
        "bidirectional": settings.get("bidirectional", False), "bias": settings.get("bias", True),
        "proj_size": projection, "nonlinearity": nonlinearity or "tanh", "lengths": lengths or [], "initial": initial}
    return write(name, kind, parameters, module, inputs, compute)


def attention(name, causal=False, padded=False, cross=False):
    batch, steps, size, heads = 2, 5, 6, 3
    module = nn.MultiheadAttention(size, heads, batch_first=True)
    inputs = {"input": numbers(4, (batch, steps, size))}
    if cross:
        inputs["memory"] = numbers(5, (batch, 4, size))
    hidden = torch.ones(steps, steps, dtype=torch.bool).triu(1) if causal else None
    keys = 4 if cross else steps
    mask = torch.arange(keys).reshape(1, keys) >= torch.tensor([keys, keys - 2]).reshape(2, 1) if padded else None

    def compute(x, memory=None):
        other = x if memory is None else memory
        return module(x, other, other, key_padding_mask=mask, attn_mask=hidden, need_weights=False)[0]

    parameters = {"embed_dim": size, "num_heads": heads, "causal": causal, "padded": padded}
    return write(name, "MultiheadAttention", parameters, module, inputs, compute)


def encoder(name, norm_first, activation):
    module = nn.TransformerEncoderLayer(6, 2, 8, dropout=0, activation=activation, batch_first=True, norm_first=norm_first)
    inputs = {"input": numbers(6, (2, 4, 6))}
    parameters = {"d_model": 6, "nhead": 2, "dim_feedforward": 8, "norm_first": norm_first, "activation": activation}
    return write(name, "TransformerEncoderLayer", parameters, module, inputs, module)


def decoder(name, norm_first):
    module = nn.TransformerDecoderLayer(6, 2, 8, dropout=0, activation="gelu", batch_first=True, norm_first=norm_first)
    inputs = {"input": numbers(7, (2, 4, 6)), "memory": numbers(8, (2, 3, 6))}
    hidden = torch.ones(4, 4, dtype=torch.bool).triu(1)
    parameters = {"d_model": 6, "nhead": 2, "dim_feedforward": 8, "norm_first": norm_first, "activation": "gelu"}
    return write(
        name, "TransformerDecoderLayer", parameters, module, inputs, lambda x, memory: module(x, memory, tgt_mask=hidden))


def decoder_of_layers(name, norm_first):
    layer = nn.TransformerDecoderLayer(6, 2, 8, dropout=0, activation="gelu", batch_first=True, norm_first=norm_first)
    module = nn.TransformerDecoder(layer, 2, nn.LayerNorm(6) if norm_first else None)
    inputs = {"input": numbers(9, (2, 4, 6)), "memory": numbers(10, (2, 3, 6))}
    hidden = torch.ones(4, 4, dtype=torch.bool).triu(1)
    parameters = {"d_model": 6, "nhead": 2, "dim_feedforward": 8, "norm_first": norm_first, "activation": "gelu",
                  "num_layers": 2}
    return write(
        name, "TransformerDecoder", parameters, module, inputs, lambda x, memory: module(x, memory, tgt_mask=hidden))


list_cases([
    recurrent("lstm", "LSTM"),
    recurrent("lstm-no-bias-initial", "LSTM", bias=False, initial=True),
    recurrent("lstm-2-layers-bidirectional", "LSTM", num_layers=2, bidirectional=True),
    recurrent("lstm-projection", "LSTM", num_layers=2, projection=2, initial=True),
    recurrent("lstm-lengths-bidirectional", "LSTM", num_layers=2, bidirectional=True, lengths=[4, 1, 3], initial=True),
    recurrent("gru", "GRU"),
    recurrent("gru-2-layers-bidirectional", "GRU", num_layers=2, bidirectional=True, initial=True),
    recurrent("gru-lengths", "GRU", bidirectional=True, lengths=[2, 4, 3]),
    recurrent("rnn-tanh", "RNN", num_layers=2, initial=True),
    recurrent("rnn-relu-bidirectional", "RNN", nonlinearity="relu", bidirectional=True),
    attention("multihead-attention"),
    attention("multihead-attention-causal", causal=True),
    attention("multihead-attention-padded", padded=True),
    attention("multihead-attention-cross", cross=True, padded=True),
    encoder("transformer-encoder-layer", False, "relu"),
    encoder("transformer-encoder-layer-norm-first", True, "gelu"),
    decoder("transformer-decoder-layer", False),
    decoder("transformer-decoder-layer-norm-first", True),
    decoder_of_layers("transformer-decoder", False),
    decoder_of_layers("transformer-decoder-norm-first", True),
])
