import type { ReactNode } from 'react';
import { StudioShell } from '@/components/shell/studio-shell';

/** The frame of every page for people who are signed in. */
export default function StudioLayout({ children }: { children: ReactNode }) {
  return <StudioShell>{children}</StudioShell>;
}
