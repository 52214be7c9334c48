import { querySystem } from '../db';

/** The most that any webhook takes, in bytes; its own limit may be lower. */
export const maxWebhookBytes = 1024 * 1024;

/** How many bytes the webhook with this key takes, or null when there is none or it is off. */
export async function findWebhookLimit(key: string): Promise<number | null> {
  const [row] = await querySystem<{ limitKb: string | null }>(
    `SELECT webhook_config ->> 'payload_size_limit_kb' AS "limitKb"
     FROM trigger WHERE webhook_key = $1 AND webhook_enabled AND enabled`,
    [key],
  );
  if (!row) return null;
  const ownBytes = Number(row.limitKb) * 1024;
  return ownBytes > 0 ? Math.min(ownBytes, maxWebhookBytes) : maxWebhookBytes;
}
