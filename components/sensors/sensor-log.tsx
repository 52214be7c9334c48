'use client';

import { useQuery } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { CodeBlock } from '@/components/ui/code-block';
import { QueryState } from '@/components/ui/query-state';
import { Tabs } from '@/components/ui/tabs';
import { useUrlState } from '@/components/ui/use-url-state';

const text = strings.sensors;
const streams = ['stdout', 'stderr'] as const;

/** What a sensor printed last, read again every other second. */
export function SensorLog({ sensorRef }: { sensorRef: string }) {
  const [shown, show] = useUrlState('log', 'stdout');
  return (
    <section aria-labelledby="sensor-log" className="space-y-2 xl:col-span-2">
      <h2 id="sensor-log" className="text-base font-semibold">
        {text.log}
      </h2>
      <Tabs
        label={text.log}
        value={shown}
        onValueChange={show}
        tabs={streams.map((stream) => ({
          value: stream,
          label: text.streams[stream],
          content: <Stream sensorRef={sensorRef} stream={stream} />,
        }))}
      />
    </section>
  );
}

function Stream({ sensorRef, stream }: { sensorRef: string; stream: (typeof streams)[number] }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.sensors.log.queryOptions({ ref: sensorRef, stream }, { refetchInterval: 2_000 }),
  );
  return (
    <QueryState query={query}>
      {({ text: printed, isCut }) =>
        printed === '' ? (
          <p className="pt-3 text-text-2">{text.logEmpty}</p>
        ) : (
          <div className="space-y-1 pt-3">
            {isCut ? <p className="text-sm text-text-2">{text.logCut}</p> : null}
            <CodeBlock label={text.streams[stream]} code={printed} />
          </div>
        )
      }
    </QueryState>
  );
}
