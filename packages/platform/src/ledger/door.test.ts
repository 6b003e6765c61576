import { expect, it } from 'vitest';
import * as door from './index.ts';

it('opens only what other rooms are meant to use', () => {
  expect(Object.keys(door).sort()).toEqual(['SPEND_GROUPS', 'createLedger', 'memberAccountId']);
  expect(door.SPEND_GROUPS).toEqual(['tenant', 'key', 'agent', 'model', 'requestedModel', 'provider', 'hour', 'day', 'total']);
});
