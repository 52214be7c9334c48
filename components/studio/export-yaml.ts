import { toast } from '@/components/ui/toast';
import type { Definition } from '@/engine/definition/schema';
import { printYaml } from '@/engine/definition/yaml';
import { importing as strings } from '../strings/importing';

/** Puts the workflow into the clipboard as the text that the import reads. */
export async function copyYaml(definition: Definition): Promise<void> {
  await navigator.clipboard.writeText(printYaml(definition));
  toast.success(strings.copied);
}

/** Gives the workflow to the browser as a file. */
export function downloadYaml(ref: string, definition: Definition): void {
  const url = URL.createObjectURL(new Blob([printYaml(definition)], { type: 'text/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${ref}.yaml`;
  link.click();
  URL.revokeObjectURL(url);
}
