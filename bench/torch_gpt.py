"""Times the training step of a GPT in PyTorch on the CPU, the peer of `gradus bench step`.

Forward, cross-entropy, backward, AdamW, cleared gradients; float32 or, for bf16, under autocast;
random ids, no dropout, tied embedding and head. Prints one line:
    peer torch <version> <shape> <precision> best_ms .. median_ms .. tokens_per_s .. rss_mib .. loss ..
"""
import argparse
import math
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

SHAPES = {  # B, T, V, L, NH, C
    "cpu": (12, 64, 65, 4, 4, 128),
    "baby": (16, 256, 65, 6, 6, 384),
    "mid": (8, 256, 8192, 8, 8, 512),
    "gpt2": (4, 64, 50257, 12, 12, 768),
    "gpt2long": (1, 1024, 50257, 12, 12, 768),
}


def attend(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):  # PyTorch 2.0
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), -math.inf)
    return scores.softmax(-1) @ v


class Block(nn.Module):
    def __init__(self, C, NH):
        super().__init__()
        self.NH = NH
        self.ln_1, self.ln_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.c_attn, self.attn_proj = nn.Linear(C, 3 * C), nn.Linear(C, C)
        self.c_fc, self.mlp_proj = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        heads = self.c_attn(self.ln_1(x)).unflatten(2, (3, self.NH, -1))
        q, k, v = heads.permute(2, 0, 3, 1, 4)  # each (B, NH, T, HS)
        x = x + self.attn_proj(attend(q, k, v).transpose(1, 2).flatten(2))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x))))


class GPT(nn.Module):
    def __init__(self, T, V, L, NH, C):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(V, C), nn.Embedding(T, C)
        self.h = nn.Sequential(*(Block(C, NH) for _ in range(L)))
        self.ln_f = nn.LayerNorm(C)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, 0, 0.02 / (math.sqrt(2 * L) if "proj" in name else 1))
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, ids, targets):
        x = self.ln_f(self.h(self.wte(ids) + self.wpe.weight[: ids.size(1)]))
        return F.cross_entropy((x @ self.wte.weight.t()).flatten(0, 1), targets.flatten())


parser = argparse.ArgumentParser()
parser.add_argument("--shape", default="cpu", choices=SHAPES)
parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--steps", type=int, default=5)
a = parser.parse_args()
torch.set_num_threads(a.threads)
torch.manual_seed(1337)
B, T, V, L, NH, C = SHAPES[a.shape]
model = GPT(T, V, L, NH, C)
adamw = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)
ids, targets = torch.randint(V, (2, B, T))
seconds = []
for _ in range(a.steps + 1):  # the first is not counted
    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=a.precision == "bf16"):
        loss = model(ids, targets)
    loss.backward()
    adamw.step()
    adamw.zero_grad(set_to_none=True)
    seconds.append(time.perf_counter() - start)
best, median = min(seconds[1:]), statistics.median(seconds[1:])
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"peer torch {torch.__version__} {a.shape} {a.precision} best_ms {best * 1e3:.1f} "
      f"median_ms {median * 1e3:.1f} tokens_per_s {B * T / best:.0f} rss_mib {rss:.0f} "
      f"loss {loss.item():.4f}")
