import type { ConfigurationTx } from '../db';

/** The display names of people by id; who is gone is left out. */
export async function displayNames(
  tx: ConfigurationTx,
  tenantId: number,
  ids: readonly (bigint | number | null)[],
): Promise<Map<number, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null).map(Number))];
  if (wanted.length === 0) return new Map();
  const rows = await tx.prisma.identity.findMany({
    where: { tenantId, id: { in: wanted } },
    select: { id: true, displayName: true },
  });
  return new Map(rows.map((row) => [Number(row.id), row.displayName]));
}

/** A moment as a sentence says it, in UTC. */
export function toMoment(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
