"""Attention kernels behind one pair of functions, so that the fastest one of a machine can be chosen and named in the result."""

from dataclasses import dataclass
from typing import Callable

import torch
import torch.nn.functional as F
from torch.nn.attention.bias import causal_lower_right


@dataclass(frozen=True)
class Attention:
    """`prefill(q, k, v)`: q is the end of the sequence k, all [tokens, heads, dim]. `decode`: q [sequences, heads, dim], k [sequences, tokens, heads, dim]."""

    prefill: Callable
    decode: Callable


def _batched(tensor):
    return tensor.transpose(0, 1)[None]


def _merge(first, first_lse, second, second_lse):
    """Joins attention over two parts of a sequence by their log sums of exponents."""
    share = torch.sigmoid(first_lse - second_lse)
    return (first.float() * share + second.float() * (1 - share)).to(first.dtype)


def _math_prefill(q, k, v):
    new, total = q.shape[0], k.shape[0]
    mask = torch.ones(new, total, dtype=torch.bool, device=q.device).tril(total - new)
    return F.scaled_dot_product_attention(_batched(q), _batched(k), _batched(v), attn_mask=mask, enable_gqa=True)[0].transpose(0, 1).contiguous()


def _math_decode(q, k, v):
    return F.scaled_dot_product_attention(q[:, :, None], k.transpose(1, 2), v.transpose(1, 2), enable_gqa=True)[:, :, 0]


def _sdpa_prefill(q, k, v):
    mask = causal_lower_right(q.shape[0], k.shape[0])
    return F.scaled_dot_product_attention(_batched(q), _batched(k), _batched(v), attn_mask=mask, enable_gqa=True)[0].transpose(0, 1)


def _flash(q, k, v, causal):
    # The operator aligns the causal mask to the end of the keys, which is what a chunk after a context needs.
    return torch.ops.aten._scaled_dot_product_flash_attention(q, k, v, 0.0, causal)[0]


def _flash_prefill(q, k, v):
    return _flash(_batched(q), _batched(k), _batched(v), True)[0].transpose(0, 1)


def _flash_decode(q, k, v):
    return _flash(q[:, :, None], k.transpose(1, 2), v.transpose(1, 2), False)[:, :, 0]


def _cudnn(q, k, v, causal, with_lse=False):
    out, lse = torch.ops.aten._scaled_dot_product_cudnn_attention(q, k, v, None, with_lse, 0.0, causal)[:2]
    return out, lse


def _cudnn_prefill(q, k, v):
    new = q.shape[0]
    q, k, v = _batched(q), _batched(k), _batched(v)
    context = k.shape[2] - new
    if context == 0:
        return _cudnn(q, k, v, True)[0][0].transpose(0, 1)
    # cuDNN aligns its causal mask to the start of the keys, so the context and the chunk are computed apart.
    old, old_lse = _cudnn(q, k[:, :, :context], v[:, :, :context], False, True)
    own, own_lse = _cudnn(q, k[:, :, context:], v[:, :, context:], True, True)
    return _join(old, _column(old_lse), own, _column(own_lse))[0].transpose(0, 1)


def _column(lse):
    return lse if lse.dim() == 4 else lse[..., None]


def _cudnn_decode(q, k, v):
    return _cudnn(q[:, :, None], k.transpose(1, 2), v.transpose(1, 2), False)[0][:, :, 0]


_join = torch.compile(_merge, dynamic=True) if torch.cuda.is_available() else _merge

ATTENTIONS = {
    'math': Attention(_math_prefill, _math_decode),
    # Whatever PyTorch itself chooses: the way out where a kernel can not be called directly.
    'sdpa': Attention(_sdpa_prefill, _math_decode),
    'flash': Attention(_flash_prefill, _flash_decode),
    'cudnn': Attention(_cudnn_prefill, _cudnn_decode),
}
