import { toPlatformError } from '@maru/api/errors';
import type { TracePorts } from '#control';
import { parseJson } from '#http';
import { otlpError, type Traces, unpackBody } from '#traces';
import { withoutUndefined } from './without-undefined.ts';

/** Traces and scores for the control plane, and the two foreign ways in. */
export function tracePorts(traces: Traces): TracePorts {
  return {
    list: async (filter) => traces.listTraces(withoutUndefined(filter)),
    get: async (traceId) => {
      const trace = await traces.getTrace(traceId);
      return trace === undefined ? undefined : { summary: trace.summary, spans: trace.spans, scores: trace.scores };
    },
    exportTraffic: (filter) => traces.exportTraffic(filter),
    addScore: (score, tenant) => traces.addScore({ ...score, tenant, source: 'api' }),
    async ingestOtlp({ body, contentType, encoding }, tenant) {
      try {
        return await traces.ingestOtlp({
          body,
          contentType: contentType === '' ? undefined : contentType,
          encoding: encoding === '' ? undefined : encoding,
          signal: 'traces',
          tenant,
        });
      } catch (error) {
        return otlpError(contentType, toPlatformError(error));
      }
    },
    async ingestLangfuse({ body, encoding }, tenant) {
      const unpacked = await unpackBody(body, encoding === '' ? undefined : encoding);
      const reply = traces.ingestLangfuse(parseJson(unpacked), { tenant });
      return { status: reply.status, contentType: 'application/json', body: JSON.stringify(reply.body) };
    },
    async ingestLangfuseScore({ body, encoding }, tenant) {
      const unpacked = await unpackBody(body, encoding === '' ? undefined : encoding);
      const reply = traces.ingestLangfuseScores(parseJson(unpacked), { tenant });
      return { status: reply.status, contentType: 'application/json', body: JSON.stringify(reply.body) };
    },
  };
}
