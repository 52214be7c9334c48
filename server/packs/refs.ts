import { forbidden, invalid } from '@/engine/errors';

/** Tenant 1 owns the standard packs, which every tenant reads and none writes. */
export const standardTenantId = 1;
/** The tenant of people who name none. */
export const defaultTenantId = 2;

/** The filter for what a tenant reads: its own things and the standard packs'. Row-level security says the same. */
export function visibleTo(tenantId: number): { tenantId: { in: number[] } } {
  return { tenantId: { in: [standardTenantId, tenantId] } };
}

/** The pack that a ref belongs to: pack names hold no dot. */
export function packRefOf(ref: string): string {
  return ref.slice(0, ref.indexOf('.'));
}

/** What a right is asked for when only the ref is known. */
export function targetOf(ref: string): { ref: string; packRef: string } {
  return { ref, packRef: packRefOf(ref) };
}

/** @throws DomainError invalid, where the ref does not lie in the pack */
export function requireRefInPack(ref: string, packRef: string): void {
  if (packRefOf(ref) === packRef) return;
  throw invalid(`The name ${ref} must start with ${packRef}. — the pack that it goes into.`, [
    { path: 'ref', message: `must start with ${packRef}.` },
  ]);
}

/** @throws DomainError forbidden, where the row belongs to a standard pack */
export function requireOwn(tenantId: number, row: { tenantId: bigint | number; ref: string }): void {
  if (Number(row.tenantId) === tenantId) return;
  throw forbidden(
    `${row.ref} belongs to a standard pack, which nobody changes. Make one of your own in another pack.`,
  );
}
