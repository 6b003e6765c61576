import { describe, expect, it } from 'vitest';
import { createLocalSink, type LocalReply } from '../client-sink.ts';
import { amendSink } from './amend-sink.ts';

const FROM = '"previous_response_id":null';
const TO = '"previous_response_id":"resp_before"';

async function sendThrough(send: (sink: ReturnType<typeof amendSink>) => void): Promise<{ text: string; reply: LocalReply }> {
  const reply = await new Promise<LocalReply>((resolve) =>
    send(
      amendSink(
        createLocalSink(resolve, () => undefined),
        FROM,
        TO,
      ),
    ),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString('utf8'), reply };
}

describe('an answer that is amended', () => {
  it('has its new field, and the length that belongs to it', async () => {
    const body = Buffer.from(`{"id":"x",${FROM},"text":"세계"}`);

    const { text, reply } = await sendThrough((sink) => {
      sink.start(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
      expect(sink.hasStarted()).toBe(true);
      sink.end(body);
    });

    expect(text).toBe(`{"id":"x",${TO},"text":"세계"}`);
    expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(text)));
  });

  it('has it in every event of a stream, the last one too', async () => {
    const { text } = await sendThrough((sink) => {
      sink.start(200, { 'content-type': 'text/event-stream' });
      sink.write(Buffer.from(`data: {${FROM}}\n\n`));
      sink.write(Buffer.from('data: {"delta":"x"}\n\n'));
      sink.end(Buffer.from(`data: {"response":{${FROM}}}\n\n`));
    });

    expect(text).toBe(`data: {${TO}}\n\ndata: {"delta":"x"}\n\ndata: {"response":{${TO}}}\n\n`);
  });

  it('leaves a text alone that only speaks of the field', async () => {
    const said = JSON.stringify({ text: `{${FROM}}` });

    const { text } = await sendThrough((sink) => {
      sink.start(200, { 'content-type': 'application/json', 'content-length': String(said.length) });
      sink.end(Buffer.from(said));
    });

    expect(text).toBe(said);
  });
});
