import type { HttpBindings } from '@hono/node-server';

/** What every handler of ours finds beside its request. */
export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; address: string };
}
