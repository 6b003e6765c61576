"""Which steps are measured: a grid that fits into the memory, the most telling points first."""

from decoder import Shape, Work

PROMPTS = (128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768)
CHUNKS = (128, 512, 2048, 8192)
CONTEXTS_BEFORE = (2048, 8192, 24_576)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
HISTORIES = (512, 1024, 2048, 4096, 8192, 16_384)
MIXED = ((512, 0), (512, 4096), (2048, 0), (2048, 4096), (7936, 0))
MIXED_DECODES = ((16, 1024), (64, 1024), (64, 3072), (256, 512))
TINY = {
    'prefill': [Work(n) for n in (16, 64, 256)],
    'decode': [Work(sequences=b, history=h) for b in (1, 4) for h in (16, 64)],
    'prefix': [Work(n, c) for n in (16, 64) for c in (32, 128)],
    'mixed': [Work(32, 16, 4, 32)],
}


def series_of(shape: Shape, kv_tokens: int) -> dict[str, list[Work]]:
    """Points of each series, without those that need more keys and values than there is memory for."""
    if shape.name == 'tiny':
        return TINY
    grid = {
        'prefill': [Work(tokens) for tokens in PROMPTS],
        'decode': [Work(sequences=batch, history=history) for batch in BATCHES for history in HISTORIES],
        'prefix': [Work(tokens, context) for tokens in CHUNKS for context in CONTEXTS_BEFORE],
        'mixed': [Work(tokens, context, batch, history) for tokens, context in MIXED for batch, history in MIXED_DECODES],
    }
    return {name: [work for work in points if work.kv_tokens <= kv_tokens] for name, points in grid.items()}
