'use client';

import { useEffect, useRef, useState } from 'react';
import type { Problem } from '@/engine/definition/problem';
import type { Definition } from '@/engine/definition/schema';
import type { CatalogEntry } from '../canvas/view';
import type { CheckAnswer, CheckRequest } from './check.worker';

const pauseMs = 60;

/** The problems of a definition as it was a moment ago, found beside the page; those that the server told until then. */
export function useProblems(
  definition: Definition,
  actions: readonly CatalogEntry[],
  ownRef: string,
  told: readonly Problem[],
): readonly Problem[] {
  const [problems, setProblems] = useState(told);
  const checker = useRef<{ worker: Worker; asked: number } | null>(null);
  const newest = useRef(definition);
  useEffect(() => {
    newest.current = definition;
  }, [definition]);
  useEffect(() => {
    const worker = new Worker(new URL('./check.worker.ts', import.meta.url), { type: 'module' });
    const here = { worker, asked: 0 };
    checker.current = here;
    worker.onmessage = ({ data }: MessageEvent<CheckAnswer>) => {
      // An answer about something older would flash away at once.
      if (data.id === here.asked) setProblems(data.problems);
    };
    send(worker, {
      kind: 'actions',
      actions: actions.map(({ ref, paramSchema, outSchema }) => ({ ref, paramSchema, outSchema })),
      ownRef,
    });
    here.asked += 1;
    send(worker, { kind: 'check', id: here.asked, definition: newest.current });
    return () => {
      checker.current = null;
      worker.terminate();
    };
  }, [actions, ownRef]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const here = checker.current;
      if (!here) return;
      here.asked += 1;
      send(here.worker, { kind: 'check', id: here.asked, definition });
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [definition]);
  return problems;
}

function send(worker: Worker, request: CheckRequest): void {
  worker.postMessage(request);
}
