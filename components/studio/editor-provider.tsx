'use client';

import type { ReactNode } from 'react';
import { RunsProvider, type KnownRuns } from './run-context';
import { StudioProvider, type Studio } from './studio-context';

/** What every part of the editor works with: the draft, and what is known of its runs. */
export function EditorProvider({
  studio,
  runs,
  children,
}: {
  studio: Studio;
  runs: KnownRuns;
  children: ReactNode;
}) {
  return (
    <StudioProvider value={studio}>
      <RunsProvider value={runs}>{children}</RunsProvider>
    </StudioProvider>
  );
}
