"""Times of copies of KV blocks: on the device, to pinned host memory and back, block by block and in bulk."""

import torch

from decoder import Decoder
from timing import free_memory, time_step

BLOCK_TOKENS = 16
BLOCKS = (1, 4, 16, 64, 256, 1024)


def measure_copies(decoder: Decoder, budget_s: float):
    """One row per direction, way and number of blocks; a block is 16 tokens over all layers, keys and values."""
    pinned = torch.cuda.is_available()
    rows = []
    for blocks in BLOCKS:
        tokens = blocks * BLOCK_TOKENS
        if 2 * tokens > decoder.kv_tokens:
            break
        staged = torch.empty(len(decoder.kv), 2, tokens, *decoder.kv[0].shape[2:], device=decoder.device, dtype=decoder.dtype)
        host = torch.empty(staged.shape, dtype=decoder.dtype, pin_memory=pinned)
        spread = torch.randperm(decoder.kv_tokens // BLOCK_TOKENS, device=decoder.device)[:blocks]
        ways = {
            'device-to-device, scattered blocks gathered': lambda: _gather(decoder, spread, staged),
            'device-to-host, in bulk': lambda: host.copy_(staged, non_blocking=True),
            'host-to-device, in bulk': lambda: staged.copy_(host, non_blocking=True),
        }
        if blocks <= 64:
            ways['device-to-host, each block of each layer'] = lambda: _each(decoder, host, blocks, to_host=True)
            ways['host-to-device, each block of each layer'] = lambda: _each(decoder, host, blocks, to_host=False)
        for way, copy in ways.items():
            size = staged.numel() * staged.element_size()
            row = time_step(copy, graph=False, budget_s=budget_s)
            rows.append({'way': way, 'blocks': blocks, 'bytes': size, **row, 'gbPerS': round(size / row['medianMs'] / 1e6, 3)})
        del staged, host
        free_memory()
    return rows


def _gather(decoder, spread, staged):
    blocks = decoder.kv_tokens // BLOCK_TOKENS
    for layer, kv in enumerate(decoder.kv):
        source = kv[:, : blocks * BLOCK_TOKENS].unflatten(1, (blocks, BLOCK_TOKENS))
        torch.index_select(source, 1, spread, out=staged[layer].unflatten(1, (len(spread), BLOCK_TOKENS)))


def _each(decoder, host, blocks: int, to_host: bool):
    for layer, kv in enumerate(decoder.kv):
        for side in range(2):
            for block in range(blocks):
                place = slice(block * BLOCK_TOKENS, (block + 1) * BLOCK_TOKENS)
                device_part, host_part = kv[side, place], host[layer, side, place]
                if to_host:
                    host_part.copy_(device_part, non_blocking=True)
                else:
                    device_part.copy_(host_part, non_blocking=True)
