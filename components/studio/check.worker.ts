import type { Problem } from '@/engine/definition/problem';
import type { Definition } from '@/engine/definition/schema';
import { checkDefinition } from './check-definition';

type Actions = Parameters<typeof checkDefinition>[1];
export type CheckRequest =
  | { kind: 'actions'; actions: Actions; ownRef: string }
  | { kind: 'check'; id: number; definition: Definition };
export interface CheckAnswer {
  id: number;
  problems: Problem[];
}

let actions: Actions = [];
let ownRef = '';

/** Checks definitions beside the page: a large one takes longer than a key press may. */
self.onmessage = ({ data }: MessageEvent<CheckRequest>) => {
  if (data.kind === 'actions') {
    actions = data.actions;
    ownRef = data.ownRef;
    return;
  }
  const answer: CheckAnswer = { id: data.id, problems: checkDefinition(data.definition, actions, ownRef) };
  self.postMessage(answer);
};
