import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { migrateStore, openStore } from '#store';
import { createFakeClock } from '#time';
import { prepareResponse } from './prepare-response.ts';
import { createResponseStore, type KeptResponse, type ResponseStore } from './response-store.ts';

const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'there' }] }];
const turn = (id: string, more: Partial<KeptResponse> = {}): KeptResponse => ({
  id,
  status: 'completed',
  createdMs: 1,
  previousId: undefined,
  input: [{ role: 'user', content: id }],
  answer: { output },
  background: false,
  ...more,
});
const LIMITS = { expiresMs: 9e15, leaseUntilMs: 9e15 };

let store: ResponseStore;
beforeAll(async () => {
  const opened = await openStore({ url: ':memory:' });
  await migrateStore(opened);
  store = createResponseStore({ store: opened, clock: createFakeClock() });
  await store.save('red', turn('r1'), LIMITS);
  await store.save('red', turn('r2', { previousId: 'r1' }), LIMITS);
  await store.save('red', turn('running', { status: 'in_progress' }), LIMITS);
  await store.save('red', turn('orphan', { previousId: 'gone' }), LIMITS);
  for (let index = 0; index < 210; index += 1)
    await store.save('red', turn(`long${index}`, { previousId: index === 0 ? undefined : `long${index - 1}` }), LIMITS);
});

const prepare = (body: object | string, tenant = 'red') => prepareResponse(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), tenant, store);

describe('a request with a history', () => {
  it('holds all turns before, oldest first', async () => {
    const { body, previousId } = await prepare({ model: 'm', input: 'now', previous_response_id: 'r2', temperature: 1.0 });

    expect(JSON.parse(body.toString())).toEqual({
      model: 'm',
      input: [
        { role: 'user', content: 'r1' },
        ...output,
        { role: 'user', content: 'r2' },
        ...output,
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'now' }] },
      ],
      previous_response_id: null,
      temperature: 1,
    });
    expect(previousId).toBe('r2');
  });

  it('needs no input of its own', async () => {
    const { body, input } = await prepare({ previous_response_id: 'r1', model: 'm' });

    expect((JSON.parse(body.toString()) as { input: unknown }).input).toEqual([{ role: 'user', content: 'r1' }, ...output]);
    expect(input).toEqual([]);
  });

  it.each([
    ['of another tenant', { previous_response_id: 'r1' }, 'blue', 'does not exist'],
    ['that is being made', { previous_response_id: 'running' }, 'red', 'is in_progress'],
    ['whose beginning is gone', { previous_response_id: 'orphan' }, 'red', 'does not exist'],
    ['that is too long', { previous_response_id: 'long209' }, 'red', 'goes back further'],
    ['of no type', { previous_response_id: 3 }, 'red', 'must be the id'],
    ['with a wrong input', { previous_response_id: 'r1', input: 7 }, 'red', 'must be a text'],
  ])('is refused with one %s', async (_name, body, tenant, why) => {
    await expect(prepare({ model: 'm', ...body }, tenant)).rejects.toThrow(why);
  });
});

describe('a request without a history', () => {
  it('stays byte for byte as it came', async () => {
    const text = '{ "model":"m",\n "input" : "x", "previous_response_id": null, "store":false }';

    const prepared = await prepare(text);

    expect(prepared.body.toString()).toBe(text);
    expect(prepared).toMatchObject({ store: false, background: false, previousId: undefined });
  });

  it('is taken as it is, whatever it holds, or refused well', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom('input', 'store', 'background', 'previous_response_id', 'model'), fc.jsonValue()), async (body) => {
        try {
          const prepared = await prepare(body);

          expect(JSON.parse(prepared.body.toString())).toMatchObject({ ...body, ...('background' in body ? { background: null } : {}) });
        } catch (error) {
          expect(isPlatformError(error, 'invalid_request')).toBe(true);
        }
      }),
    );
  });
});
