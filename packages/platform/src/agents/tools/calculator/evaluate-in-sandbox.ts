import { PlatformError } from '@maru/api/errors';
import type { QuickJSWASMModule } from 'quickjs-emscripten';
import type { Clock } from '#time';

export interface SandboxLimits {
  readonly timeMs: number;
  /** Of 64 KiB each; QuickJS itself needs some 16 of them. */
  readonly memoryPages: number;
}

/** Checks of the deadline after which code counts as endless even when the clock stands still. */
const MAX_INTERRUPT_CHECKS = 20_000;

/**
 * Evaluates code in a fresh QuickJS that has no access to the host, and returns its value as text.
 * Throws `sandbox_limit` when time or memory runs out, `invalid_request` when the code is wrong.
 */
export async function evaluateInSandbox(code: string, limits: SandboxLimits, clock: Pick<Clock, 'monotonicMs'>): Promise<string> {
  const quickjs = await loadQuickJs(limits.memoryPages);
  const runtime = quickjs.newRuntime();
  let stopped = false;
  let checks = 0;
  try {
    runtime.setMemoryLimit(limits.memoryPages * 65_536);
    runtime.setMaxStackSize(256 * 1024);
    const deadline = clock.monotonicMs() + limits.timeMs;
    runtime.setInterruptHandler(() => {
      checks += 1;
      stopped ||= checks > MAX_INTERRUPT_CHECKS || clock.monotonicMs() > deadline;
      return stopped;
    });
    const context = runtime.newContext();
    const result = context.evalCode(code, 'expression.js');
    if (result.error !== undefined) {
      const thrown = context.dump(result.error) as unknown;
      result.error.dispose();
      context.dispose();
      throw stopped ? overTime(limits) : explain(thrown, limits);
    }
    const value = context.getString(result.value);
    result.value.dispose();
    context.dispose();
    return value;
  } catch (thrown) {
    if (thrown instanceof PlatformError) throw thrown;
    // The module itself gave up: its memory has a fixed end.
    throw overMemory(limits, thrown);
  } finally {
    disposeQuietly(runtime);
  }
}

/** The types of Node 24 leave WebAssembly to the library of browsers. */
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (size: { initial: number; maximum: number }) => never } }).WebAssembly;

/** A new module for each call: the memory of WebAssembly never shrinks, and a module that ran out of it can not be trusted. */
async function loadQuickJs(memoryPages: number): Promise<QuickJSWASMModule> {
  const { newQuickJSWASMModuleFromVariant, newVariant, RELEASE_SYNC } = await import('quickjs-emscripten');
  const wasmMemory = new Memory({ initial: Math.min(256, memoryPages), maximum: memoryPages });
  return newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { wasmMemory }));
}

function disposeQuietly(runtime: { dispose(): void }): void {
  try {
    runtime.dispose();
  } catch {
    // A runtime that ran out of memory can not free what it leaked; the module goes with its memory.
  }
}

function explain(thrown: unknown, limits: SandboxLimits): PlatformError {
  const { name, message } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as { name?: unknown; message?: unknown };
  // An engine without memory left can not even say why it stopped.
  if (typeof message !== 'string' || /out of memory|stack overflow|invalid (string|array) length|string too long/i.test(message))
    return overMemory(limits, thrown);
  return new PlatformError('invalid_request', { message: `the expression can not be calculated: ${String(name)}: ${message}` });
}

const overTime = (limits: SandboxLimits): PlatformError => new PlatformError('sandbox_limit', { message: `the code ran for more than ${limits.timeMs} ms` });

const overMemory = (limits: SandboxLimits, cause: unknown): PlatformError =>
  new PlatformError('sandbox_limit', { message: `the code needs more than ${(limits.memoryPages * 64) / 1024} MiB of memory`, cause });
