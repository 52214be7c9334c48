import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const wheelMaker = `import sys, zipfile
folder, name, version, code = sys.argv[1:5]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", code)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
`;

export interface Wheel {
  name: string;
  version: string;
  code: string;
}

/** For requirements.txt: packages come from the pack's own folder only, so that no network is needed. */
export const fromWheels = '--no-index\n--find-links ./wheels\n';

/** A pack as tar.gz: its files by their path, and wheels of one module each in the folder `wheels`. */
export function toArchive(files: Readonly<Record<string, string>>, wheels: readonly Wheel[] = []): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'attune-archive-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    if (wheels.length > 0) mkdirSync(join(folder, 'wheels'), { recursive: true });
    for (const { name, version, code } of wheels)
      execFileSync('python3', ['-c', wheelMaker, join(folder, 'wheels'), name, version, code]);
    return execFileSync('tar', ['-czf', '-', '-C', folder, '.'], { maxBuffer: 2 ** 25 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
