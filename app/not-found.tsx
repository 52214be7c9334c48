import { Compass } from 'lucide-react';
import { strings } from '@/components/strings';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';

const text = strings.errors;

export const metadata = { title: text.notFoundTitle };

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center bg-surface">
      <div>
        <h1 className="sr-only">{text.notFoundTitle}</h1>
        <EmptyState
          icon={<Compass />}
          title={text.notFoundTitle}
          description={text.notFound}
          action={
            <Button variant="primary" href="/">
              {text.goHome}
            </Button>
          }
        />
      </div>
    </main>
  );
}
