"""What has to be known of the machine to believe a figure: names, versions, clocks, and its measured ceilings."""

import platform

import torch

from timing import time_step


def conditions() -> dict:
    facts = {
        'torch': torch.__version__,
        'python': platform.python_version(),
        'kernel': platform.release(),
        'weights': 'random, normal, standard deviation 0.02',
        'servingEngine': 'none: PyTorch steps without scheduler, sampler process or HTTP',
    }
    if not torch.cuda.is_available():
        return {**facts, 'device': 'CPU: a test of the script, not a measurement'}
    free, total = torch.cuda.mem_get_info()
    facts |= {
        'device': torch.cuda.get_device_name(),
        'multiprocessors': torch.cuda.get_device_properties(0).multi_processor_count,
        'memoryBytes': total,
        'cuda': torch.version.cuda,
        'cudnn': torch.backends.cudnn.version(),
    }
    handle = _handle()
    if handle is not None:
        nvml, device = handle
        facts |= {'driver': nvml.nvmlSystemGetDriverVersion(), 'powerLimitW': nvml.nvmlDeviceGetEnforcedPowerLimit(device) / 1000}
    return facts


def sample_clocks() -> dict:
    """Clocks and power right after a measurement."""
    handle = _handle() if torch.cuda.is_available() else None
    if handle is None:
        return {}
    nvml, device = handle
    try:
        return {
            'smMhz': nvml.nvmlDeviceGetClockInfo(device, nvml.NVML_CLOCK_SM),
            'powerW': round(nvml.nvmlDeviceGetPowerUsage(device) / 1000),
            'celsius': nvml.nvmlDeviceGetTemperature(device, nvml.NVML_TEMPERATURE_GPU),
        }
    except nvml.NVMLError:
        return {}


def ceilings() -> dict:
    """A large matrix product and a large copy: what the card reaches at best."""
    size = 8192
    left, right = (torch.randn(size, size, device='cuda', dtype=torch.bfloat16) for _ in range(2))
    product = time_step(lambda: left @ right, graph=False, budget_s=0.3)
    source = torch.empty(2**32, device='cuda', dtype=torch.uint8).random_()
    target = torch.empty_like(source)
    copy = time_step(lambda: target.copy_(source), graph=False, budget_s=0.3)
    return {
        'matrixTflops': round(2 * size**3 / product['medianMs'] / 1e9, 1),
        'copyGbPerS': round(2 * source.numel() / copy['medianMs'] / 1e6, 1),
    }


def _handle():
    global _cached
    if _cached is None:
        try:
            import pynvml

            pynvml.nvmlInit()
            _cached = (pynvml, pynvml.nvmlDeviceGetHandleByIndex(0))
        except Exception:
            _cached = ()
    return _cached or None


_cached = None
