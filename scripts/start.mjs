// `npm start`: from a fresh clone to a running studio. Runs on Node 20 with nothing installed.
import { claimFolder, start, stopAfterTrouble } from './launcher.mjs';
import { enter } from './runtime.mjs';

await enter(start, { before: claimFolder, onTrouble: stopAfterTrouble });
