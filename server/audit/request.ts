import { AsyncLocalStorage } from 'node:async_hooks';

/** The request that is being answered, as the audit log tells of it. */
export interface AuditedRequest {
  requestId: string;
  method: string;
  /** Without its query. */
  path: string;
  address: string;
  userAgent: string;
  startedAtMs: number;
  /** What its answer says where all goes well. */
  status: number;
  /** With what the caller has shown who they are. */
  tokenType: 'session' | 'access' | 'execution' | null;
}

const requests = new AsyncLocalStorage<AuditedRequest>();

export function auditing<T>(request: AuditedRequest, work: () => T): T {
  return requests.run(request, work);
}

/** The request that is being answered; none in a worker. */
export function auditedRequest(): AuditedRequest | undefined {
  return requests.getStore();
}

/** Adds what is found out while it is answered. */
export function noteRequest(more: Partial<Pick<AuditedRequest, 'status' | 'tokenType'>>): void {
  Object.assign(requests.getStore() ?? {}, more);
}
