import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's Chromium, or the one that `CHROMIUM_PATH` names. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** No skeleton is left and the fonts are there. */
export async function settle(page: Page): Promise<void> {
  await page.locator('main').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.skeleton').length === 0 && document.fonts.status === 'loaded');
}
