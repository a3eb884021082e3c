#!/usr/bin/env python3
"""Writes tests/golden/gpt_CASE.safetensors: small GPTs whose loss and gradients PyTorch computed in
float64, for tests/nn/test_golden.c. The model is written out here once more, from the definitions in
src/nn alone. Run it from anywhere; needs PyTorch (made with 1.13.1).

Each file holds the parameters under our names, "grad.NAME" for each, "ids" and "targets" (B, T),
"loss" (1), and the model's settings as metadata.
"""

import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F

V, T, C, L, HEADS, B = 13, 6, 8, 2, 2, 2
HS = C // HEADS
IGNORE = -1

POSITIONS = ["learned", "sinusoidal", "rope", "none"]
PLAIN = dict(position="learned", activation="gelu", norm="layernorm", bias=True, tie=True)
CASES = {f"{p}_{'tied' if tie else 'untied'}": PLAIN | dict(position=p, tie=tie)
         for p in POSITIONS for tie in (True, False)}
CASES["rmsnorm_swiglu"] = PLAIN | dict(norm="rmsnorm", activation="swiglu", bias=False)
CASES["gelu_tanh"] = PLAIN | dict(activation="gelu_tanh")
CASES["relu"] = PLAIN | dict(activation="relu")


def hidden(case):
    """Width of the MLP: nn_mlp_hidden."""
    return (8 * C // 3 + 31) // 32 * 32 if case["activation"] == "swiglu" else 4 * C


def shapes(case):
    """Name and shape of every parameter."""
    H, bias = hidden(case), case["bias"]
    yield "wte.weight", (V, C)
    if case["position"] == "learned":
        yield "wpe.weight", (T, C)
    norms = ["ln_f"]
    for i in range(L):
        norms += [f"h.{i}.ln_1", f"h.{i}.ln_2"]
        linears = {"attn.c_attn": (C, 3 * C), "attn.c_proj": (C, C),
                   "mlp.c_fc": (C, H), "mlp.c_proj": (H, C)}
        if case["activation"] == "swiglu":
            linears["mlp.c_gate"] = (C, H)
        for name, shape in linears.items():
            yield f"h.{i}.{name}.weight", shape
            if bias:
                yield f"h.{i}.{name}.bias", shape[1:]
    for name in norms:
        yield f"{name}.weight", (C,)
        if bias and case["norm"] == "layernorm":
            yield f"{name}.bias", (C,)
    if not case["tie"]:
        yield "lm_head.weight", (V, C)


def draw(case):
    """Random parameters, rounded to float32 so that the file holds exactly what was used."""
    p = {}
    for name, shape in shapes(case):
        mean = 1.0 if ".ln_" in "." + name and name.endswith("weight") else 0.0
        numbers = (mean + 0.3 * torch.randn(shape)).to(torch.float32)
        p[name] = numbers.to(torch.float64).requires_grad_()
    return p


def linear(p, name, x):
    """Weights are (in, out)."""
    y = x @ p[name + ".weight"]
    return y + p[name + ".bias"] if name + ".bias" in p else y


def norm(p, case, name, x):
    if case["norm"] == "rmsnorm":
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * p[name + ".weight"]
    return F.layer_norm(x, (C,), p[name + ".weight"], p.get(name + ".bias"), 1e-5)


def sines():
    angle = torch.arange(T, dtype=torch.float64)[:, None] * torch.tensor(
        [10000.0 ** -(c // 2 * 2 / C) for c in range(C)], dtype=torch.float64)
    even = torch.arange(C) % 2 == 0
    return torch.where(even, torch.sin(angle), torch.cos(angle))


def rope(x):
    """x (B, HEADS, T, HS): pairs (i, i + HS / 2) turned by position / 10000^(2 i / HS)."""
    i = torch.arange(HS // 2, dtype=torch.float64)
    angle = torch.arange(T, dtype=torch.float64)[:, None] * 10000.0 ** (-2 * i / HS)
    x1, x2 = x[..., :HS // 2], x[..., HS // 2:]
    cos, sin = torch.cos(angle), torch.sin(angle)
    return torch.cat([x1 * cos - x2 * sin, x1 * sin + x2 * cos], -1)


def attention(p, case, name, x):
    heads = [part.view(B, T, HEADS, HS).transpose(1, 2)
             for part in linear(p, name + ".c_attn", x).split(C, -1)]
    q, k, v = heads
    if case["position"] == "rope":
        q, k = rope(q), rope(k)
    scores = q @ k.transpose(-2, -1) / math.sqrt(HS)
    later = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
    y = torch.softmax(scores.masked_fill(later, -math.inf), -1) @ v
    return linear(p, name + ".c_proj", y.transpose(1, 2).reshape(B, T, C))


def mlp(p, case, name, x):
    h = linear(p, name + ".c_fc", x)
    match case["activation"]:
        case "gelu":
            h = F.gelu(h)
        case "gelu_tanh":
            h = F.gelu(h, approximate="tanh")
        case "relu":
            h = F.relu(h)
        case "swiglu":
            h = F.silu(linear(p, name + ".c_gate", x)) * h
    return linear(p, name + ".c_proj", h)


def loss_of(p, case, ids, targets):
    x = p["wte.weight"][ids]
    if case["position"] == "learned":
        x = x + p["wpe.weight"]
    if case["position"] == "sinusoidal":
        x = x * math.sqrt(C) + sines()
    for i in range(L):
        x = x + attention(p, case, f"h.{i}.attn", norm(p, case, f"h.{i}.ln_1", x))
        x = x + mlp(p, case, f"h.{i}.mlp", norm(p, case, f"h.{i}.ln_2", x))
    head = p["wte.weight"] if case["tie"] else p["lm_head.weight"]
    logits = norm(p, case, "ln_f", x) @ head.T
    return F.cross_entropy(logits.view(B * T, V), targets.view(-1), ignore_index=IGNORE)


def write_safetensors(path, tensors, meta):
    """uint64 length of the header, the header, the data without holes."""
    header, data = {"__metadata__": meta}, b""
    for name, x in tensors.items():
        dtype = {torch.float32: "F32", torch.int32: "I32"}[x.dtype]
        raw = x.contiguous().numpy().tobytes()
        header[name] = {"dtype": dtype, "shape": list(x.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def make(name, case, folder):
    torch.manual_seed(1)
    p = draw(case)
    ids, targets = torch.randint(0, V, (B, T)), torch.randint(0, V, (B, T))
    targets[0, 2] = IGNORE
    loss = loss_of(p, case, ids, targets)
    loss.backward()
    tensors = {n: x.detach().to(torch.float32) for n, x in p.items()}
    tensors |= {"grad." + n: x.grad.to(torch.float32) for n, x in p.items()}
    tensors |= {"ids": ids.to(torch.int32), "targets": targets.to(torch.int32),
                "loss": loss.detach().to(torch.float32).view(1)}
    meta = {k: v if isinstance(v, str) else str(int(v)) for k, v in case.items()}
    write_safetensors(folder / f"gpt_{name}.safetensors", tensors, meta)
    print(f"{name}: loss {loss.item():.6f}")


for name, case in CASES.items():
    make(name, case, pathlib.Path(__file__).parent)
