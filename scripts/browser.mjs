import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { command, step, tryCommand } from './progress.mjs';

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** Finds a program on the PATH, or null. */
export function findProgram(name) {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** The Chromium that journeys run in: the operator's choice, the machine's, else the one Playwright fetched. Or null. */
export async function findBrowser() {
  const named = process.env['ATTUNE_CHROMIUM'];
  if (named) return named;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = findProgram(name);
    if (found) return found;
  }
  const onMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  if (existsSync(onMac)) return onMac;
  const { chromium } = await import('playwright');
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : null;
}

/** Installs with apt what the tests need and the machine lacks: a browser, Python, the sandbox. Elsewhere only the browser. */
export async function installTestTools() {
  const missing = [
    [(await findBrowser()) !== null, 'chromium'],
    [findProgram('python3') !== null, 'python3'],
    [findProgram('bwrap') !== null, 'bubblewrap'],
    [findProgram('curl') !== null, 'curl'],
  ].flatMap(([isThere, name]) => (isThere ? [] : [name]));
  if (missing.length === 0) return;
  if (isRootOnDebian) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await step(
      `Installing ${missing.join(', ')} (apt-get)`,
      async (note) => {
        await tryCommand('apt-get', ['update'], { env });
        const { code } = await tryCommand(
          'apt-get',
          ['install', '-y', '--no-install-recommends', ...missing],
          { env },
        );
        if (code !== 0) note('apt-get could not; going on without');
      },
      { slow: true },
    );
  }
  if ((await findBrowser()) !== null) return;
  await step(
    'Fetching Chromium (playwright install)',
    () =>
      command('Fetching Chromium', path.join(root, 'node_modules/.bin/playwright'), ['install', 'chromium'], {
        cwd: root,
      }),
    { slow: true },
  );
}
