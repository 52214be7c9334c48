import { strings } from '@/components/strings';

/** What the REST API and tRPC both say of an install. */
export interface InstalledPack {
  pack: { ref: string; version: string };
  problems: string[];
}

/** Sends an archive. @throws Error with the server's sentence */
export async function uploadPack(file: File, force: boolean): Promise<InstalledPack> {
  const body = new FormData();
  body.set('pack', file);
  body.set('force', String(force));
  const response = await fetch('/api/v1/packs/upload', {
    method: 'POST',
    headers: { 'x-attune': '1' },
    body,
  });
  const answer = (await response.json().catch(() => ({}))) as {
    data?: InstalledPack;
    error?: string;
  };
  if (!response.ok || !answer.data) throw new Error(answer.error ?? strings.errors.title);
  return answer.data;
}
