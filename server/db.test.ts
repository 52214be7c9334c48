import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inTenant, readTenant } from './db';
import { makePerson, makeTenant } from './packs/test-people';

let own: number;
beforeAll(async () => {
  own = await makeTenant();
  await makePerson(own, 'Ada');
  await makePerson(await makeTenant(), 'Bob');
});
afterAll(closeDatabase);

const names = (tenantId: number) =>
  readTenant(tenantId, (tx) => tx.query<{ name: string }>('SELECT display_name AS name FROM identity'));

describe('a transaction that only reads', () => {
  it('sees its tenant and no other', async () => {
    expect(await names(own)).toEqual([{ name: 'Ada' }]);
  });

  it('cannot write', async () => {
    const write = readTenant(own, (tx) => tx.query(`UPDATE identity SET display_name = 'Eve'`));
    await expect(write).rejects.toThrow('read-only');
    expect(await names(own)).toEqual([{ name: 'Ada' }]);
  });

  it('sees all as of one moment, whatever is committed meanwhile', async () => {
    await readTenant(own, async (tx) => {
      const [before] = await tx.query<{ name: string }>('SELECT display_name AS name FROM identity');
      await inTenant(own, (other) => other.query(`UPDATE identity SET display_name = 'Ada L.'`));
      expect(await tx.query('SELECT display_name AS name FROM identity')).toEqual([before]);
    });
    expect(await names(own)).toEqual([{ name: 'Ada L.' }]);
  });

  it('gives its connection back, also after an error and with statements still under way', async () => {
    // More than the pool holds.
    for (let count = 0; count < 60; count += 1)
      await readTenant(own, (tx) => Promise.all([tx.query('SELECT 1/0'), tx.query('SELECT 1')])).catch(
        () => {},
      );
    await Promise.all(Array.from({ length: 60 }, () => names(own)));
  });
});
