import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export { makePack, removePack } from '@/server/packs/test-folder';

const run = promisify(execFile);

const wheelMaker = `import sys, zipfile
folder, name, version, code = sys.argv[1:5]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", code)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\\n{name}-say = {name}:say\\n")
    wheel.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/entry_points.txt,,\\n{info}/RECORD,,\\n")
`;

/** A wheel of one module in the pack's folder `wheels`, with a program `<name>-say` that calls its `say`. */
export async function addWheel(pack: string, name: string, version: string, code: string): Promise<void> {
  const folder = join(pack, 'wheels');
  await mkdir(folder, { recursive: true });
  await run('python3', ['-c', wheelMaker, folder, name, version, code]);
}

/** For requirements.txt: packages come from the pack's own folder only. */
export const fromWheels = '--no-index\n--find-links ./wheels\n';
