'use client';

import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { Toaster } from 'sonner';
import { strings } from '@/components/strings';
import { useTheme } from './theme';

/** What the components need around them: one delay for all tooltips, and the place of the toasts. */
export function UiProvider({ children }: { children: ReactNode }) {
  const { theme } = useTheme();
  return (
    <Tooltip.Provider delayDuration={350} skipDelayDuration={250}>
      {children}
      <Toaster
        // Told, or it asks the whole page for its computed style whenever it is drawn.
        dir="ltr"
        theme={theme}
        position="bottom-right"
        closeButton
        containerAriaLabel={strings.common.notifications}
        icons={{
          success: <CircleCheck className="size-4 text-success" />,
          error: <CircleAlert className="size-4 text-danger" />,
          warning: <TriangleAlert className="size-4 text-warning" />,
          info: <Info className="size-4 text-info" />,
        }}
        toastOptions={{
          unstyled: false,
          style: {
            background: 'var(--color-overlay)',
            borderColor: 'var(--color-border)',
            color: 'var(--color-text)',
            borderRadius: 'var(--radius-lg)',
            boxShadow: 'var(--shadow-lg)',
            fontFamily: 'inherit',
            fontSize: 'var(--text-sm)',
          },
          classNames: {
            description: 'text-text-2!',
            actionButton: 'bg-accent! text-on-accent!',
            closeButton: 'bg-overlay! text-text-2! border-border!',
          },
        }}
      />
    </Tooltip.Provider>
  );
}
