"""Measures the steps of a decoder of Llama shape with random weights on one GPU and writes them as JSON. See README.md."""

import argparse
import json
import sys
import time
from datetime import datetime, timezone

import torch

from check import check_attentions
from conditions import ceilings, conditions, sample_clocks
from copies import measure_copies
from decoder import SHAPES, Decoder, Shape, Work
from plan import series_of
from timing import free_memory, time_step

# Left for what a step computes on the way, next to weights and KV pool.
ACTIVATION_BYTES = 20e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--shape', choices=SHAPES, default='tiny')
    parser.add_argument('--out', default='-', help='file of the result; - writes to standard output')
    parser.add_argument('--series', default='prefill,decode,prefix,mixed,copies')
    parser.add_argument('--kv-tokens', type=int, help='size of the KV pool; what fits where absent')
    parser.add_argument('--budget-s', type=float, default=0.5, help='time for the repetitions of one point')
    parser.add_argument('--deadline-s', type=float, default=540, help='points that come after this time are skipped, and said to be')
    arguments = parser.parse_args()
    result = run(arguments)
    write(result, arguments.out)
    print(f'{len(result["points"])} points, {len(result["copies"])} copies, {len(result["skipped"])} skipped', file=sys.stderr)


def run(arguments) -> dict:
    started = time.monotonic()
    shape, on_gpu = SHAPES[arguments.shape], torch.cuda.is_available()
    device, dtype = ('cuda', torch.bfloat16) if on_gpu else ('cpu', torch.float32)
    if on_gpu:
        torch._dynamo.config.recompile_limit = 64
    decoder = Decoder(shape, kv_tokens=pool_tokens(shape, arguments.kv_tokens), device=device, dtype=dtype, compiled=on_gpu)
    result = {
        'kind': 'maru-step-times',
        'version': 1,
        'measuredAt': datetime.now(timezone.utc).isoformat(timespec='seconds'),
        'shape': {**{key: value for key, value in vars(shape).items()}, 'weightBytes': decoder.weight_bytes, 'kvBytesPerToken': decoder.kv_bytes_per_token},
        'conditions': {**conditions(), 'dtype': str(dtype).removeprefix('torch.'), 'cudaGraphs': on_gpu, 'pointwiseCompiled': on_gpu, 'kvPoolTokens': decoder.kv_tokens},
        'ceilings': ceilings() if on_gpu else {},
        'attention': choose_attention(decoder) if on_gpu else {'prefill': 'math', 'decode': 'math'},
        'points': [],
        'copies': [],
        'skipped': [],
    }
    if on_gpu:
        decoder.prefill_attention, decoder.decode_attention = result['attention']['prefill'], result['attention']['decode']
    wanted = arguments.series.split(',')
    for series, points in series_of(shape, decoder.kv_tokens).items():
        for work in points if series in wanted else []:
            if time.monotonic() - started > arguments.deadline_s:
                result['skipped'].append({'series': series, **vars(work)})
                continue
            result['points'].append(measure_point(decoder, series, work, arguments.budget_s))
        write(result, arguments.out)
        print(f'{series} done after {time.monotonic() - started:.0f} s', file=sys.stderr)
    if 'copies' in wanted and time.monotonic() - started < arguments.deadline_s:
        result['copies'] = measure_copies(decoder, arguments.budget_s / 5)
    if on_gpu:
        result['conditions']['peakMemoryBytes'] = torch.cuda.max_memory_allocated()
    result['conditions']['tookS'] = round(time.monotonic() - started)
    return result


def measure_point(decoder: Decoder, series: str, work: Work, budget_s: float) -> dict:
    ids, positions = decoder.inputs(work)
    timed = time_step(lambda: decoder.step(work, ids, positions), graph=True, budget_s=budget_s)
    return {
        'series': series,
        'promptTokens': work.new_tokens,
        'promptContext': work.context,
        'decodeSequences': work.sequences,
        'decodeContextEach': work.history + 1 if work.sequences > 0 else 0,
        **timed,
        **sample_clocks(),
    }


def pool_tokens(shape: Shape, wanted: int | None) -> int:
    if wanted is not None:
        return wanted
    if not torch.cuda.is_available() or shape.name == 'tiny':
        return 2048
    weights = 2 * (2 * shape.vocab * shape.hidden + shape.layers * shape.hidden * ((shape.heads * 2 + shape.kv_heads * 2) * shape.head_dim + 3 * shape.intermediate))
    free = torch.cuda.mem_get_info()[0] - weights - ACTIVATION_BYTES
    return int(free / (4 * shape.layers * shape.kv_heads * shape.head_dim)) // 16 * 16


def choose_attention(decoder: Decoder) -> dict:
    """The faster kernel for each phase by a probe of whole steps, among those whose answers agree with the plain one."""
    agree = check_attentions()
    probes = {
        'prefill': Work(min(4096, decoder.kv_tokens // 2)),
        'prefix': Work(min(1024, decoder.kv_tokens // 4), min(4096, decoder.kv_tokens // 4)),
        'decode': Work(sequences=min(32, decoder.kv_tokens // 64), history=min(4095, decoder.kv_tokens // 64)),
    }
    times = {}
    for name in agree['usable']:
        decoder.prefill_attention = decoder.decode_attention = name
        for phase, work in probes.items():
            ids, positions = decoder.inputs(work)
            try:
                times[f'{phase} {name}'] = time_step(lambda: decoder.step(work, ids, positions), graph=True, budget_s=0.2)['medianMs']
            except RuntimeError as error:
                times[f'{phase} {name}'] = None
                print(f'{phase} {name}: {str(error)[:300]}', file=sys.stderr)
            free_memory()
    usable = lambda name, *phases: all(times.get(f'{phase} {name}') for phase in phases)
    both = [name for name in agree['usable'] if usable(name, 'prefill', 'prefix')]
    single = [name for name in agree['usable'] if usable(name, 'decode')]
    return {
        'prefill': min(both, key=lambda name: times[f'prefill {name}'] + times[f'prefix {name}']),
        'decode': min(single, key=lambda name: times[f'decode {name}']),
        'probeMs': times,
        'relativeErrors': agree['errors'],
    }


def write(result: dict, path: str) -> None:
    text = json.dumps(result, indent=None if path != '-' else 1)
    if path == '-':
        print(text) if result['conditions'].get('tookS') is not None else None
        return
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    main()
