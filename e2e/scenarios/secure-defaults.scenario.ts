import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, scenario } from './scenario';
import { Studio } from '../studio-api';
import { findProcesses } from './processes';

/** Every page that the studio has, by the folders that Next serves. */
function pages(folder = 'app', address = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      const part = entry.name.startsWith('(') ? '' : `/${entry.name.replace(/^\[.*\]$/, 'nothing.there')}`;
      return pages(path.join(folder, entry.name), address + part);
    }
    return entry.name === 'page.tsx' ? [address === '' ? '/' : address] : [];
  });
}

scenario.describe('secure defaults', () => {
  scenario(
    'hold on every page: a policy with a nonce of its own, no frames, nothing guessed',
    async ({ request }) => {
      const addresses = pages();
      expect(addresses.length).toBeGreaterThan(20);
      await new Studio(request).signIn({
        login: process.env['ATTUNE_ADMIN_LOGIN'] ?? 'admin',
        password: process.env['ATTUNE_ADMIN_PASSWORD'] ?? 'scenarios-need-a-password',
      });
      const nonces = new Set<string>();
      for (const address of [...addresses, '/not/a/page']) {
        const response = await request.get(address, { maxRedirects: 0 });
        // The sign-in page sends whoever is signed in on.
        if (response.status() >= 300 && response.status() < 400) continue;
        const headers = response.headers();
        const policy = headers['content-security-policy'] ?? '';
        expect([address, policy]).toEqual([address, expect.stringContaining("frame-ancestors 'none'")]);
        expect([address, policy]).toEqual([address, expect.not.stringMatching(/unsafe-eval|https?:|\*/)]);
        expect([address, headers['x-content-type-options']]).toEqual([address, 'nosniff']);
        expect(headers['x-powered-by']).toBeUndefined();
        const nonce = /'nonce-([^']{16,})'/.exec(policy)?.[1] ?? '';
        expect([address, nonces.has(nonce), nonce === '']).toEqual([address, false, false]);
        nonces.add(nonce);
      }
      expect(nonces.size).toBeGreaterThan(20);
    },
  );

  scenario('hold in the worker: no text becomes code there', async () => {
    scenario.skip(process.platform !== 'linux', 'only Linux shows the command lines of processes');
    const workers = findProcesses('dist/worker.mjs').map((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    );
    expect(workers.length).toBeGreaterThan(0);
    for (const line of workers) expect(line).toContain('--disallow-code-generation-from-strings');
  });
});
