import { defectSentence, toErrorBody, toKnownError } from '../../http-errors';
import { log, reasonOf } from '../../log';

/** One event of a stream; null is a sign of life. */
export type SentEvent = { id: string; data: object } | null;

const aliveMs = 15_000;

/**
 * The events as a response of Server-Sent Events: written as fast as the reader takes them, until they end or the reader
 * leaves. What goes wrong after the beginning is told as an event `error`; a reader comes back with its last id.
 */
export function toEventStream(
  open: (signal: AbortSignal) => AsyncGenerator<SentEvent, void, void>,
  { signal, requestId }: { signal: AbortSignal; requestId: string },
): Response {
  const leaving = new AbortController();
  const events = open(AbortSignal.any([signal, leaving.signal]));
  const encoder = new TextEncoder();
  let spokenAt = Date.now();
  const say = (text: string) => {
    spokenAt = Date.now();
    return encoder.encode(text);
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(say('retry: 1000\n: connected\n\n')),
    async pull(controller) {
      try {
        for (;;) {
          const { value: event, done } = await events.next();
          // A reader that has left has closed the stream itself.
          if (leaving.signal.aborted) return;
          if (done) return controller.close();
          if (event)
            return controller.enqueue(say(`id: ${event.id}\ndata: ${JSON.stringify(event.data)}\n\n`));
          if (Date.now() - spokenAt >= aliveMs) return controller.enqueue(say(': alive\n\n'));
        }
      } catch (cause) {
        if (leaving.signal.aborted) return;
        const known = toKnownError(cause);
        if (!known) log.error({ requestId, error: reasonOf(cause) }, 'a stream failed');
        const told = known ? toErrorBody(known) : { error: defectSentence(requestId) };
        controller.enqueue(say(`event: error\ndata: ${JSON.stringify(told)}\n\n`));
        controller.close();
      }
    },
    async cancel() {
      leaving.abort();
      await events.return();
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
