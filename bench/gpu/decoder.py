"""A decoder-only transformer of Llama shape with random weights, and one step of it: a prompt chunk, decoding sequences, or both."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from attention import ATTENTIONS


@dataclass(frozen=True)
class Shape:
    name: str
    title: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    qkv_bias: bool = False
    rope_theta: float = 500_000.0
    norm_eps: float = 1e-5
    max_position: int = 65_536


SHAPES = {
    shape.name: shape
    for shape in (
        Shape('tiny', 'Tiny (a test of the script)', 2, 256, 4, 2, 64, 512, 1024, True, max_position=2048),
        Shape('llama-3.1-8b', 'Llama 3.1 8B shape', 32, 4096, 32, 8, 128, 14336, 128_256),
        Shape('qwen2.5-32b', 'Qwen2.5 32B shape', 64, 5120, 40, 8, 128, 27_648, 152_064, True, rope_theta=1_000_000.0),
    )
}


@dataclass(frozen=True)
class Work:
    """What one step computes: `new_tokens` of a prompt after `context`, and `sequences` that decode one token after `history` each."""

    new_tokens: int = 0
    context: int = 0
    sequences: int = 0
    history: int = 0

    @property
    def kv_tokens(self) -> int:
        return self.new_tokens + self.context + self.sequences * (self.history + 1)


def add_norm(x, residual, weight, eps: float):
    residual = residual + x
    wide = residual.float()
    return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)).to(residual.dtype) * weight, residual


def rotate(x, cos, sin):
    first, second = x.float().chunk(2, dim=-1)
    cos, sin = cos[:, None, :], sin[:, None, :]
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1).to(x.dtype)


def rotate_both(q, k, cos, sin):
    return rotate(q, cos, sin), rotate(k, cos, sin)


def gated(x):
    gate, up = x.chunk(2, dim=-1)
    return F.silu(gate) * up


def random_tensor(*size, device, dtype, scale):
    return torch.empty(*size, device=device, dtype=dtype).normal_(0, scale)


class Decoder:
    """Weights, a pool of keys and values, and the step. Nothing in it is trained; every value is drawn from a seed."""

    def __init__(self, shape: Shape, *, kv_tokens: int, device: str, dtype: torch.dtype, compiled: bool, seed: int = 1):
        torch.manual_seed(seed)
        self.shape = shape
        self.device = device
        self.dtype = dtype
        self.kv_tokens = kv_tokens
        self.prefill_attention = 'math'
        self.decode_attention = 'math'
        make = dict(device=device, dtype=dtype, scale=0.02)
        heads = (shape.heads + 2 * shape.kv_heads) * shape.head_dim
        self.embedding = random_tensor(shape.vocab, shape.hidden, **make)
        self.head = random_tensor(shape.vocab, shape.hidden, **make)
        self.norm = torch.ones(shape.hidden, device=device, dtype=dtype)
        self.layers = [
            dict(
                qkv=random_tensor(heads, shape.hidden, **make),
                bias=random_tensor(heads, **make) if shape.qkv_bias else None,
                out=random_tensor(shape.hidden, shape.heads * shape.head_dim, **make),
                up=random_tensor(2 * shape.intermediate, shape.hidden, **make),
                down=random_tensor(shape.hidden, shape.intermediate, **make),
                norm1=torch.ones(shape.hidden, device=device, dtype=dtype),
                norm2=torch.ones(shape.hidden, device=device, dtype=dtype),
            )
            for _ in range(shape.layers)
        ]
        self.kv = [random_tensor(2, kv_tokens, shape.kv_heads, shape.head_dim, device=device, dtype=dtype, scale=1.0) for _ in range(shape.layers)]
        half = shape.head_dim // 2
        angles = torch.outer(torch.arange(shape.max_position, device=device).float(), shape.rope_theta ** (-torch.arange(half, device=device).float() / half))
        self.cos, self.sin = angles.cos(), angles.sin()
        build = (lambda function: torch.compile(function, dynamic=True)) if compiled else (lambda function: function)
        self._add_norm, self._rotate, self._gated = build(add_norm), build(rotate_both), build(gated)

    @property
    def weight_bytes(self) -> int:
        tensors = [self.embedding, self.head, self.norm] + [tensor for layer in self.layers for tensor in layer.values() if tensor is not None]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    @property
    def kv_bytes_per_token(self) -> int:
        shape = self.shape
        return 2 * shape.layers * shape.kv_heads * shape.head_dim * self.kv[0].element_size()

    def inputs(self, work: Work, seed: int = 2):
        """Random token ids and the positions of a step."""
        torch.manual_seed(seed)
        ids = torch.randint(0, self.shape.vocab, (work.new_tokens + work.sequences,), device=self.device)
        prompt = torch.arange(work.context, work.context + work.new_tokens, device=self.device)
        return ids, torch.cat((prompt, torch.full((work.sequences,), work.history, device=self.device)))

    @torch.inference_mode()
    def step(self, work: Work, ids, positions):
        """Logits of the last prompt token and of each decoding sequence; writes the new keys and values into the pool."""
        shape, new = self.shape, work.new_tokens
        cos, sin = self.cos[positions], self.sin[positions]
        residual = torch.zeros(len(ids), shape.hidden, device=self.device, dtype=self.dtype)
        x = F.embedding(ids, self.embedding)
        for layer, kv in zip(self.layers, self.kv):
            x, residual = self._add_norm(x, residual, layer['norm1'], shape.norm_eps)
            qkv = F.linear(x, layer['qkv'], layer['bias']).view(len(ids), -1, shape.head_dim)
            q, k, v = qkv.split((shape.heads, shape.kv_heads, shape.kv_heads), dim=1)
            q, k = self._rotate(q, k, cos, sin)
            x = F.linear(self._attend(work, kv, q, k, v).reshape(len(ids), -1), layer['out'])
            x, residual = self._add_norm(x, residual, layer['norm2'], shape.norm_eps)
            x = F.linear(self._gated(F.linear(x, layer['up'])), layer['down'])
        if new > 0:
            x, residual = x[new - 1 :], residual[new - 1 :]
        x, _ = self._add_norm(x, residual, self.norm, shape.norm_eps)
        return F.linear(x, self.head)

    def _attend(self, work: Work, kv, q, k, v):
        new, used = work.new_tokens, work.context + work.new_tokens
        parts = []
        if new > 0:
            pool = kv[:, :used]
            pool[0, work.context :].copy_(k[:new])
            pool[1, work.context :].copy_(v[:new])
            parts.append(ATTENTIONS[self.prefill_attention].prefill(q[:new], pool[0], pool[1]))
        if work.sequences > 0:
            pool = kv[:, used : used + work.sequences * (work.history + 1)].view(2, work.sequences, work.history + 1, self.shape.kv_heads, -1)
            pool[0, :, work.history].copy_(k[new:])
            pool[1, :, work.history].copy_(v[new:])
            parts.append(ATTENTIONS[self.decode_attention].decode(q[new:], pool[0], pool[1]))
        return parts[0] if len(parts) == 1 else torch.cat(parts)
