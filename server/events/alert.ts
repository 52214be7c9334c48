import type { Tx } from '../db';
import type { JsonObject } from '../fields';
import { standardTenantId } from '../packs/refs';
import { recordEvent } from './store';

const alertTrigger = 'core.alert';

export interface Alert {
  severity: 'info' | 'warning' | 'critical';
  category: string;
  failureType: string;
  componentType: string;
  componentRef: string;
  summary: string;
  details: JsonObject;
  /** What brought it about, so that an alert's own rules are part of the same chain. */
  executionId: number | null;
}

/** Stores an event of `core.alert` for the rules of the tenant, in the caller's transaction. */
export async function raiseAlert(tx: Tx, tenantId: number, alert: Alert): Promise<void> {
  const [trigger] = await tx.query<{ id: number }>(
    'SELECT id FROM trigger WHERE tenant_id = $1 AND ref = $2',
    [standardTenantId, alertTrigger],
  );
  await recordEvent(tx, {
    tenantId,
    triggerRef: alertTrigger,
    triggerId: trigger?.id ?? null,
    source: 'alert',
    headers: {},
    executionId: alert.executionId,
    payload: {
      severity: alert.severity,
      category: alert.category,
      failure_type: alert.failureType,
      component_type: alert.componentType,
      component_ref: alert.componentRef,
      observed_at: new Date().toISOString(),
      summary: alert.summary,
      details: alert.details,
    },
  });
}
