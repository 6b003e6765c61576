const APPS = [
  { name: 'assistant for orders', tenant: 'support', model: 'sim-8b', turns: 4, words: 900 },
  { name: 'assistant for returns', tenant: 'support', model: 'assist', turns: 5, words: 1400 },
  { name: 'reader of contracts', tenant: 'research', model: 'sim-70b', turns: 3, words: 2600 },
  { name: 'summary of tickets', tenant: 'support', model: 'sim-8b', turns: 2, words: 600 },
] as const;
const WORDS = 'order status refund parcel delay invoice address agent policy warehouse customer answer polite short source page rule limit case'.split(' ');
const QUESTIONS = ['Where is my parcel?', 'Compare the two policies step by step, and say why one is better.', 'Write a short reply.', 'What is missing here?'];
const GUIDE_QUESTIONS = [
  'Why is GPU utilisation a bad signal for scaling?',
  '스팟 인스턴스가 회수되면 어떻게 해야 하나요?',
  'Does time slicing limit the memory of a pod?',
  'What does prefix caching share?',
];

export interface TrafficOptions {
  readonly baseUrl: string;
  /** Secret of a key per tenant. */
  readonly keys: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** New conversations in a second, on average. */
  readonly perSecond: number;
}

/** Numbers that look like chance and are the same on every run. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const pick = <Item>(items: readonly Item[], share: number): Item => items[Math.floor(share * items.length)] as Item;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Conversations of several applications: each repeats its own long instructions, so that caches have something to hold. */
export async function sendTraffic({ baseUrl, keys, seconds, perSecond }: TrafficOptions): Promise<number> {
  const chance = createChance(7);
  const text = (words: number): string => Array.from({ length: words }, () => pick(WORDS, chance())).join(' ');
  const instructions = new Map(APPS.map((app) => [app.name, `You are the ${app.name}. ${text(app.words)}`]));
  let sent = 0;
  const ask = async (tenant: string, body: object): Promise<string> => {
    const response = await fetch(`${baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys[tenant] ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    sent += 1;
    return response.text();
  };
  const converse = async (app: (typeof APPS)[number], guide: string | undefined): Promise<void> => {
    if (guide !== undefined) {
      await ask('support', { model: 'agent/guide', messages: [{ role: 'user', content: guide }] });
      return;
    }
    const messages = [{ role: 'system', content: instructions.get(app.name) ?? '' }];
    for (let turn = 0; turn < app.turns; turn += 1) {
      messages.push({ role: 'user', content: `${pick(QUESTIONS, chance())} ${text(20)}` });
      await ask(app.tenant, { model: app.model, max_tokens: 60 + Math.floor(chance() * 140), stream: chance() < 0.5, messages });
      messages.push({ role: 'assistant', content: text(40) });
      await wait(500 + chance() * 2000);
    }
  };
  const running: Promise<void>[] = [];
  const untilMs = Date.now() + seconds * 1000;
  while (Date.now() < untilMs) {
    const passed = 1 - (untilMs - Date.now()) / (seconds * 1000);
    const rate = perSecond * (0.6 + 0.5 * passed + 0.35 * Math.sin(passed * 14));
    running.push(converse(pick(APPS, chance()), chance() < 0.08 ? pick(GUIDE_QUESTIONS, chance()) : undefined));
    await wait((-Math.log(1 - chance()) * 1000) / rate);
  }
  await Promise.all(running);
  return sent;
}
