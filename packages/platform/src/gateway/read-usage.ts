import type { Usage } from '@maru/api/records';
import { fromWireUsage, wireUsageSchema } from '@maru/api/wire';

/** The usage in an engine's report; undefined when it is absent or makes no sense. */
export function readUsage(report: unknown): Usage | undefined {
  const parsed = wireUsageSchema.safeParse(report);
  return parsed.success ? fromWireUsage(parsed.data) : undefined;
}
