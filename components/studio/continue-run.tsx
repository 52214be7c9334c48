'use client';

import { useMutation } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { toast } from '@/components/ui/toast';
import { studio } from '../strings/studio';
import { toCallError, useTRPC } from '../trpc';

/** Lets a run go on that was paused, at a breakpoint or by somebody. */
export function ContinueRun({ id, reason }: { id: number; reason: string | null }) {
  const trpc = useTRPC();
  const resume = useMutation(
    trpc.executions.resume.mutationOptions({ onError: (error) => toast.error(toCallError(error).message) }),
  );
  return (
    <>
      {reason ? (
        <span role="status" className="min-w-0 text-xs text-text-2">
          {reason}
        </span>
      ) : null}
      <Button
        size="sm"
        variant="primary"
        icon={<Play />}
        loading={resume.isPending}
        onClick={() => resume.mutate({ id })}
      >
        {studio.run.continue}
      </Button>
    </>
  );
}
