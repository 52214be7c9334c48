import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readRecord } from './lock.mjs';
import { cache, root } from './paths.mjs';

const stampsFolder = path.join(cache, 'stamps');

/** Every file under the given places (relative to the project) that ends in none of `except`, in a steady order. */
function filesUnder(places, except = []) {
  const found = [];
  const walk = (place) => {
    const full = path.join(root, place);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (!stat) return;
    if (!stat.isDirectory()) {
      if (!except.some((end) => place.endsWith(end)))
        found.push({ place, size: stat.size, mtimeMs: stat.mtimeMs });
      return;
    }
    for (const name of readdirSync(full).sort()) if (!name.startsWith('.')) walk(path.join(place, name));
  };
  for (const place of places) walk(place);
  return found;
}

const digest = (parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
};

/**
 * Tells whether what was made under `name` is still what its sources say. Sizes and times are looked at first; the
 * contents only where those differ (a checkout touches files without changing them). `keep()` notes the sources as
 * they were when this was called, so an edit during the build is not missed.
 */
export function stampOf(name, { sources, except = [], outputs = [], also = '' }) {
  const file = path.join(stampsFolder, `${name}.json`);
  const files = filesUnder(sources, except);
  const quick = digest([also, ...files.map(({ place, size, mtimeMs }) => `${place} ${size} ${mtimeMs}`)]);
  let exact;
  const contents = () =>
    (exact ??= digest([
      also,
      ...files.flatMap(({ place }) => [place, readFileSync(path.join(root, place))]),
    ]));
  const keep = () => {
    mkdirSync(stampsFolder, { recursive: true });
    writeFileSync(file, JSON.stringify({ quick, exact: contents() }));
  };
  const isFresh = () => {
    if (!outputs.every((place) => existsSync(path.join(root, place)))) return false;
    const kept = readRecord(file);
    if (kept?.quick === quick) return true;
    if (kept?.exact !== contents()) return false;
    keep();
    return true;
  };
  return { isFresh, keep: () => (contents(), keep()), read: contents };
}
