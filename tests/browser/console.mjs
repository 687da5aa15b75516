// SPDX-License-Identifier: Apache-2.0
// console: walks the pages as an analyst and as a region viewer, in both languages, and takes a picture of each.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [base, shots] = process.argv.slice(2);
const require = createRequire(new URL('../../dashboards/web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = require.resolve('axe-core/axe.min.js');
const PASSWORD = 'correct horse battery';
let failed = 0;

async function test(name, run) {
  try {
    await run();
    console.log(`ok - ${name}`);
  } catch (why) {
    failed++;
    console.log(`not ok - ${name}: ${String(why.message ?? why).split('\n')[0]}`);
  }
}

function check(holds, what) {
  if (!holds) throw new Error(what);
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ...(process.env.CHROMIUM_FLAGS ?? '').split(' ').filter(Boolean)],
});

async function open(language) {
  const context = await browser.newContext({ locale: language === 'ja' ? 'ja-JP' : 'en-GB', viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  page.troubles = [];
  page.on('console', (message) => { if (message.type() === 'error' && !/401|404/.test(message.text())) page.troubles.push(message.text()); });
  page.on('pageerror', (error) => page.troubles.push(String(error)));
  return page;
}

async function login(page, name) {
  await page.goto(`${base}/`);
  await page.fill('input[name=name]', name);
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button.main');
  await page.waitForSelector('nav a');
}

async function inspect(page, name) {
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  // the policy of the page forbids injected scripts, so the checker comes through the debugger
  await page.evaluate(await (await import('node:fs')).promises.readFile(axe, 'utf8'));
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
  const serious = result.violations.map((each) => `${each.id} (${each.nodes.length}: ${each.nodes[0].html.slice(0, 80)})`);
  check(serious.length === 0, `accessibility: ${serious.join('; ')}`);
  check(page.troubles.length === 0, `errors in the page: ${page.troubles.join('; ')}`);
}

for (const language of ['ja', 'en']) {
  const page = await open(language);
  await test(`${language}: a wrong password is refused in words`, async () => {
    await page.goto(`${base}/`);
    await page.fill('input[name=name]', 'sato');
    await page.fill('input[name=password]', 'wrong');
    await page.click('button.main');
    await page.waitForSelector('.notice.bad');
    check((await page.textContent('.notice.bad')).includes(language === 'ja' ? '違います' : 'wrong'), 'no words');
    await inspect(page, `login-${language}`);
  });
  await test(`${language}: the overview shows regions, verdicts and sensors`, async () => {
    await login(page, 'sato');
    await page.waitForSelector('.schematic tbody tr');
    check((await page.textContent('.strip')).includes('2'), 'the strip does not count the sensors');
    await inspect(page, `overview-${language}`);
  });
  await test(`${language}: the queue lists alerts and opens one with its reasons`, async () => {
    await page.goto(`${base}/alerts?tab=all`);
    await page.waitForSelector('.queue tbody tr');
    await inspect(page, `alerts-${language}`);
    await page.click('.queue tbody tr a');
    await page.waitForSelector('article.alert .sentence');
    check((await page.locator('article.alert section table tbody tr').count()) > 0, 'no condition is shown');
    await page.locator('.evidence summary').first().click();
    check((await page.locator('.evidence pre').first().textContent()).includes('event_type'), 'no evidence is shown');
    await inspect(page, `alert-${language}`);
  });
  await test(`${language}: compliance shows four words and a coverage`, async () => {
    await page.goto(`${base}/compliance?region=region-a`);
    await page.waitForSelector('.compliance tbody tr');
    check((await page.locator('.cell-unobservable').count()) > 0, 'nothing is unobservable, which TLS 1.3 makes impossible');
    await inspect(page, `compliance-${language}`);
    await page.locator('.compliance td a').first().click();
    await page.waitForSelector('article table tbody tr');
    await inspect(page, `windows-${language}`);
  });
  await page.context().close();
}

await test('an alert is acknowledged by the keyboard alone, and put back', async () => {
  const page = await open('en');
  await login(page, 'sato');
  await page.goto(`${base}/alerts`);
  await page.waitForSelector('.queue tbody tr');
  // by its link: how many rows there are says nothing, as the queue shows the first hundred
  const link = await page.locator('.queue tbody tr a').nth(1).getAttribute('href');
  const isThere = (href) => document.querySelector(`.queue tbody a[href="${href}"]`) !== null;
  const isGone = (href) => document.querySelector('.queue tbody tr') !== null && document.querySelector(`.queue tbody a[href="${href}"]`) === null;
  await page.keyboard.press('j');
  await page.waitForSelector(`.queue tbody tr.here a[href="${link}"]`);
  await page.keyboard.press('x');
  await page.waitForSelector(`.queue tbody tr[aria-selected="true"] a[href="${link}"]`);
  await page.keyboard.press('a');
  await page.waitForSelector('.notice.good');
  await page.waitForFunction(isGone, link);
  await page.click('.notice.good button');
  await page.waitForFunction(isThere, link);
  await page.context().close();
});

await test('a region viewer sees its own region only', async () => {
  const page = await open('ja');
  await login(page, 'aoba');
  await page.goto(`${base}/compliance?region=region-b`);
  await page.waitForSelector('.notice.bad');
  await page.goto(`${base}/compliance`);
  await page.waitForSelector('.compliance tbody tr');
  check(!(await page.textContent('body')).includes('みどり'), 'the other region is named');
  await page.goto(`${base}/alerts?tab=all`);
  await page.waitForSelector('.queue, .notice');
  check((await page.getByRole('button', { name: 'クローズ' }).count()) === 0, 'a viewer may close');
  await page.screenshot({ path: join(shots, 'viewer-ja.png'), fullPage: true });
  await page.context().close();
});

await test('a narrow window needs no sideways scrolling of the page (WCAG 1.4.10)', async () => {
  const page = await open('ja');
  await login(page, 'sato');
  await page.setViewportSize({ width: 320, height: 700 });
  for (const path of ['/', '/alerts?tab=all', '/compliance?region=region-a']) {
    await page.goto(`${base}${path}`);
    await page.waitForSelector('h1');
    await page.waitForTimeout(500);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= 321, `${path} is ${wide} px wide`);
  }
  await page.context().close();
});

await browser.close();
process.exitCode = failed > 0 ? 1 : 0;
