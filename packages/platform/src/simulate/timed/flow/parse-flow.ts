import { PlatformError } from '@maru/api/errors';
import { modelFlowControlSchema } from '@maru/api/resources';
import { z } from 'zod';
import { type FlowSettings, flowSettings } from '#router';

/**
 * Reads flow control as people write it: `off`, `on`, or fields of a Model's `flowControl`, as in `queueDepth=3,maxWait=20s`. Undefined
 * where it is off. Throws `config_invalid`.
 */
export function parseFlow(text: string): FlowSettings | undefined {
  if (text === 'off') return undefined;
  const pairs = text === 'on' ? [] : text.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2)) throw bad(text, 'want off, on, or NAME=VALUE pairs');
  const read = modelFlowControlSchema.safeParse(Object.fromEntries(pairs.map(([name, value]) => [name, figureOf(value ?? '')])));
  if (!read.success) throw bad(text, z.prettifyError(read.error).replaceAll('\n', ' '));
  return flowSettings(read.data);
}

function figureOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^[\d.]+$/.test(text) ? Number(text) : text;
}

const bad = (text: string, why: string): PlatformError =>
  new PlatformError('config_invalid', { message: `"${text}" is no flow control: ${why}; for example queueDepth=3,maxWait=20s` });
