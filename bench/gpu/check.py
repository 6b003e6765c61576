"""Checks that a step computes the same thing however it is cut, and that each attention kernel agrees with the plain one."""

import sys

import torch

from attention import ATTENTIONS
from decoder import SHAPES, Decoder, Work

TOKENS, CUT = 192, 128


def last_logits(decoder: Decoder, parts: list[Work], ids) -> torch.Tensor:
    """Logits after the last part of a prompt that is computed in parts, one after another in the same pool."""
    at, logits = 0, None
    for work in parts:
        count = work.new_tokens + work.sequences
        _, positions = decoder.inputs(work)
        logits = decoder.step(work, ids[at : at + count], positions)
        at += count
    return logits[-1].double()


def relative_error(value, reference) -> float:
    return float((value - reference).norm() / reference.norm())


def cut_errors(decoder: Decoder) -> dict[str, float]:
    """Whole prompt, chunk after a cached prefix, and one decoded token, each against the whole prompt with the plain kernel."""
    ids, _ = decoder.inputs(Work(TOKENS))
    chosen = decoder.prefill_attention, decoder.decode_attention
    decoder.prefill_attention = decoder.decode_attention = 'math'
    reference = last_logits(decoder, [Work(TOKENS)], ids)
    decoder.prefill_attention, decoder.decode_attention = chosen
    return {
        'whole': relative_error(last_logits(decoder, [Work(TOKENS)], ids), reference),
        'chunk': relative_error(last_logits(decoder, [Work(CUT), Work(TOKENS - CUT, CUT)], ids), reference),
        'decode': relative_error(last_logits(decoder, [Work(TOKENS - 1), Work(sequences=1, history=TOKENS - 1)], ids), reference),
    }


def check_attentions() -> dict:
    """Errors of each kernel of this machine on the tiny shape, and the names of those that are right."""
    errors, usable = {}, []
    for name in ('flash', 'cudnn', 'sdpa'):
        decoder = Decoder(SHAPES['tiny'], kv_tokens=1024, device='cuda', dtype=torch.bfloat16, compiled=True)
        decoder.prefill_attention = decoder.decode_attention = name
        try:
            errors[name] = cut_errors(decoder)
        except RuntimeError as error:
            print(f'{name}: {str(error)[:300]}', file=sys.stderr)
            continue
        if max(errors[name].values()) < 0.03:
            usable.append(name)
    return {'errors': errors, 'usable': usable}
