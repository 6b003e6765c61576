/** A second thread of the loader process, which sees what the first one is too busy to see: that it grew too large, or that its parent is gone. */
import { createSystemClock } from '#time';

const EVERY_MS = 250;
const [residentMb, parent] = process.argv.slice(2).map(Number);
const clock = createSystemClock();

for (;;) {
  await clock.sleep(EVERY_MS);
  const tooLarge = process.memoryUsage.rss() > (residentMb ?? 0) * 1024 * 1024;
  if (tooLarge || process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}
