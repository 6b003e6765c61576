"""Times a function: as a replayed CUDA graph on a GPU, by the wall clock on a CPU."""

import gc
import statistics
import time

import torch

MIN_REPEATS = 5
MAX_REPEATS = 60


def summary(times_ms):
    ordered = sorted(times_ms)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return {
        'medianMs': round(statistics.median(ordered), 5),
        'minMs': round(ordered[0], 5),
        'p90Ms': round(at(0.9), 5),
        'repetitions': len(ordered),
    }


def free_memory():
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def time_step(function, *, graph: bool, budget_s: float):
    """Median, least and 90th percentile of the milliseconds of one call; `eagerMs` is the median of three calls without a graph."""
    if not torch.cuda.is_available():
        function()
        return summary(_wall(function, budget_s))
    for _ in range(2):
        function()
    eager = _events(function, 3)
    torch.cuda.synchronize()
    result = {}
    if graph:
        free_memory()
        captured = torch.cuda.CUDAGraph()
        with torch.cuda.graph(captured):
            function()
        run = captured.replay
    else:
        run = function
    first = _events(run, 2)
    result.update(summary(_events(run, _repeats(first[-1], budget_s))))
    if graph:
        result['eagerMs'] = round(statistics.median(eager), 5)
        del captured, run
    free_memory()
    return result


def _repeats(one_ms: float, budget_s: float) -> int:
    return max(MIN_REPEATS, min(MAX_REPEATS, int(budget_s * 1000 / max(one_ms, 1e-3))))


def _events(function, count: int):
    pairs = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(count)]
    torch.cuda.synchronize()
    for start, end in pairs:
        start.record()
        function()
        end.record()
    torch.cuda.synchronize()
    return [start.elapsed_time(end) for start, end in pairs]


def _wall(function, budget_s: float):
    times = []
    started = time.perf_counter()
    while len(times) < MIN_REPEATS or (len(times) < MAX_REPEATS and time.perf_counter() - started < budget_s):
        before = time.perf_counter()
        function()
        times.append((time.perf_counter() - before) * 1000)
    return times
