import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { strings } from '@/components/strings';
import { ApiProvider } from '@/components/trpc';
import { themeScript } from '@/components/ui/theme-script';
import { UiProvider } from '@/components/ui/ui-provider';
import './globals.css';

// Every answer carries a nonce of its own, so no page can be made in advance.
export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: strings.common.product, template: `%s · ${strings.common.product}` },
  description: 'Workflows, triggers, rules and approvals.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  colorScheme: 'light dark',
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    // The script below sets the theme before React looks.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        <ApiProvider>
          <UiProvider>{children}</UiProvider>
        </ApiProvider>
      </body>
    </html>
  );
}
