import type { RouterOutputs } from '@/components/trpc';
import { strings } from '@/components/strings';

/** Sends an archive. @throws Error with the server's sentence */
export async function uploadPack(
  file: File,
  force: boolean,
): Promise<RouterOutputs['packs']['registerFolder']> {
  const body = new FormData();
  body.set('pack', file);
  body.set('force', String(force));
  const response = await fetch('/api/v1/packs/upload', { method: 'POST', headers: { 'x-attune': '1' }, body });
  const answer = (await response.json().catch(() => ({}))) as {
    data?: RouterOutputs['packs']['registerFolder'];
    error?: string;
  };
  if (!response.ok || !answer.data) throw new Error(answer.error ?? strings.errors.title);
  return answer.data;
}
