/** One task on its way between the floor's two processes. */
export interface Lane {
  lane: number;
  /** Whether NOTIFY is part of the committing statement or follows it. */
  notify: 'within' | 'after';
  id: string;
}

/** Prepared by name on each connection, as the product does. */
export const statements = {
  insert: {
    name: 'floor_insert',
    text: 'INSERT INTO bench_floor (done) VALUES (false) RETURNING id',
  },
  insertAndNotify: {
    name: 'floor_insert_notify',
    text: `WITH made AS (INSERT INTO bench_floor (done) VALUES (false) RETURNING id)
           SELECT pg_notify('bench_b', $1::int || ' within ' || id) FROM made`,
  },
  update: {
    name: 'floor_update',
    text: 'UPDATE bench_floor SET done = true WHERE id = $1',
  },
  updateAndNotify: {
    name: 'floor_update_notify',
    text: `WITH done AS (UPDATE bench_floor SET done = true WHERE id = $2::bigint RETURNING id)
           SELECT pg_notify('bench_a', $1::int || ' within ' || id) FROM done`,
  },
  notify: { name: 'floor_notify', text: 'SELECT pg_notify($1, $2)' },
} as const;

export function toPayload({ lane, notify, id }: Lane): string {
  return `${lane} ${notify} ${id}`;
}

export function parsePayload(payload: string): Lane {
  const [lane, notify, id] = payload.split(' ');
  return { lane: Number(lane), notify: notify === 'after' ? 'after' : 'within', id: id ?? '' };
}
