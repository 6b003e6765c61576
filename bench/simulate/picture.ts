/**
 * Run with `node bench/simulate/picture.ts REPORT.html PICTURE.png`: the plots of a report of `maru simulate --html` as a picture.
 * Needs a Chromium, at CHROMIUM_PATH or /usr/bin/chromium.
 */
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';

const [report = 'report.html', picture = 'report.png'] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1040, height: 800 } });
  await page.goto(`file://${resolve(report)}`);
  const top = await page.locator('.legend').first().boundingBox();
  const charts = await page.locator('.charts svg').all();
  // The plots that tell most: goodput, cache hits, balance and price, in two rows.
  const last = await charts[3]?.boundingBox();
  const y = (top?.y ?? 0) - 8;
  await page.screenshot({ path: picture, fullPage: true, clip: { x: 0, y, width: 1040, height: (last?.y ?? 0) + (last?.height ?? 0) - y + 8 } });
} finally {
  await browser.close();
}
