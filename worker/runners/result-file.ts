import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Claim } from '@/server/executions/claims';
import { readData, toReason, toStorable, type ReadData } from './read-data';

const resultFileBytes = 2 ** 20;

/**
 * What an action left in its result file (ATTUNE_RESULT_FILE), or null where it left none: JSON, or text in the format that
 * it declares. The action's user owns the folder, so a link, a folder, a pipe or a file beyond 1 MB is refused.
 */
export async function readResultFile(path: string, format: Claim['outputFormat']): Promise<ReadData | null> {
  // Without O_NONBLOCK a pipe that was laid there would hold the worker up.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  if (file instanceof Error && 'code' in file && file.code === 'ENOENT') return null;
  if (file instanceof Error && 'code' in file && file.code === 'ELOOP')
    return { data: undefined, problem: 'The result file is not a regular file.' };
  if (file instanceof Error)
    return { data: undefined, problem: `The result file can't be read: ${file.message}` };
  try {
    const { size, nlink, isFile } = await statusOf(file);
    if (!isFile || nlink > 1) return { data: undefined, problem: 'The result file is not a regular file.' };
    if (size > resultFileBytes)
      return {
        data: undefined,
        problem: `The result has ${size} bytes; at most 1 MB is kept. Put it into a file in ATTUNE_ARTIFACTS_DIR.`,
      };
    return parse(await file.readFile('utf8'), format);
  } finally {
    await file.close();
  }
}

async function statusOf(file: FileHandle): Promise<{ size: number; nlink: number; isFile: boolean }> {
  const status = await file.stat();
  return { size: status.size, nlink: status.nlink, isFile: status.isFile() };
}

function parse(text: string, format: Claim['outputFormat']): ReadData {
  try {
    return { data: toStorable(JSON.parse(text)), problem: null };
  } catch (error) {
    // A returned value is JSON whatever is declared; what an action writes itself may be in its own format.
    if (format === 'yaml' || format === 'jsonl') return readData(text, format, () => 'not shown');
    return { data: undefined, problem: `The result can't be read as JSON: ${toReason(error)}.` };
  }
}
