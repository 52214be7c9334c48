/** What an execution can be doing. Those after `canceling` are ends: nothing leaves them. */
export const executionStates = [
  'requested',
  'delayed',
  'queued',
  'scheduled',
  'running',
  'waiting',
  'paused',
  'canceling',
  'completed',
  'failed',
  'timeout',
  'cancelled',
  'abandoned',
] as const;
export type ExecutionState = (typeof executionStates)[number];

/** The states that an execution can end in. */
export type EndState = Extract<
  ExecutionState,
  'completed' | 'failed' | 'timeout' | 'cancelled' | 'abandoned'
>;

/** The one table of changes that are legal. The database holds a copy and refuses every other. */
export const legalTransitions: Record<ExecutionState, readonly ExecutionState[]> = {
  requested: [
    'delayed',
    'queued',
    'scheduled',
    'running',
    'waiting',
    'canceling',
    'failed',
    'completed',
    'cancelled',
    'timeout',
  ],
  delayed: ['queued', 'scheduled', 'cancelled', 'canceling', 'failed', 'timeout'],
  queued: ['delayed', 'scheduled', 'running', 'canceling', 'cancelled', 'failed', 'timeout'],
  scheduled: [
    'queued',
    'delayed',
    'running',
    'waiting',
    'canceling',
    'cancelled',
    'failed',
    'timeout',
    'completed',
  ],
  running: [
    'waiting',
    'paused',
    'scheduled',
    'delayed',
    'canceling',
    'completed',
    'failed',
    'timeout',
    'cancelled',
    'abandoned',
  ],
  waiting: ['running', 'canceling', 'completed', 'failed', 'timeout', 'cancelled'],
  paused: ['running', 'canceling', 'cancelled', 'timeout', 'failed'],
  canceling: ['cancelled', 'completed', 'failed', 'timeout', 'abandoned'],
  completed: [],
  failed: [],
  timeout: [],
  cancelled: [],
  abandoned: [],
};

const known: ReadonlySet<string> = new Set(executionStates);

export function isExecutionState(text: string): text is ExecutionState {
  return known.has(text);
}

/** Whether nothing can happen any more. */
export function isEnded(state: ExecutionState): state is EndState;
export function isEnded(state: string): boolean;
export function isEnded(state: string): boolean {
  return isExecutionState(state) && legalTransitions[state].length === 0;
}

export type WireStatus =
  | 'requested'
  | 'scheduling'
  | 'scheduled'
  | 'running'
  | 'completed'
  | 'failed'
  | 'canceling'
  | 'cancelled'
  | 'timeout'
  | 'abandoned';

/**
 * The coarser status that the REST API shows. An action that ran out of time reads as failed; only an inquiry that
 * nobody answered in time reads as timeout.
 */
export function toWireStatus(state: ExecutionState, options: { isInquiry?: boolean } = {}): WireStatus {
  switch (state) {
    case 'delayed':
    case 'queued':
      return 'requested';
    case 'waiting':
    case 'paused':
      return 'running';
    case 'timeout':
      return options.isInquiry ? 'timeout' : 'failed';
    case 'requested':
    case 'scheduled':
    case 'running':
    case 'canceling':
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'abandoned':
      return state;
  }
}
