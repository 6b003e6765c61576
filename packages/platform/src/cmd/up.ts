import type { PlatformError } from '@maru/api/errors';
import type { UpOptions } from '#cli';
import { forgetForeignTracing, readConfig } from '#config';
import { holdHeapGrowth, keepTickShape, limitHeapGrowth } from '#telemetry';
import { createSystemClock } from '#time';
import { formatBanner } from './banner.ts';
import { startPlatform } from './platform.ts';
import { showsColour } from './process-io.ts';
import { stopSignals } from './signals.ts';

/** How long the work of the start goes on behind the first requests. */
const START_WORK_MS = 5000;

/** `maru up`: runs the platform in this process until a signal stops it. */
export async function up(options: UpOptions & { readonly version: string }): Promise<void> {
  forgetForeignTracing();
  const stop = stopSignals(process);
  limitHeapGrowth();
  keepTickShape();
  const releaseHeap = holdHeapGrowth();
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const failed = Promise.withResolvers<void>();
  const onFailed = (error: PlatformError): void => {
    say(`error ${error.message}`);
    process.exitCode = 1;
    failed.resolve();
  };
  const platform = await startPlatform({ config: readConfig(options), files: options.files, version: options.version, say, onFailed });
  const askModel = ['auto', 'agent/guide'].find((id) => platform.models.some((model) => model.id === id));
  process.stdout.write(
    `${formatBanner({
      baseUrl: `${platform.url}/v1`,
      loginUrl: platform.loginUrl(),
      key: platform.masterKey,
      models: platform.models,
      askModel: platform.models.some((model) => model.id === 'agent/guide') ? 'agent/guide' : askModel,
      dataDir: platform.dataDir,
      readyMs: process.uptime() * 1000,
      colour: showsColour(process.stdout),
    })}\n`,
  );
  const startWork = createSystemClock().schedule(START_WORK_MS, releaseHeap);
  const stopped = new Promise<void>((resolve) => {
    if (stop.signal.aborted) resolve();
    else stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([stopped, failed.promise]);
  startWork.cancel();
  say('stopping: answers may finish, press Ctrl-C again to stop at once');
  await platform.close();
  stop.release();
}
