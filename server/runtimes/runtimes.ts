import type { Runtime } from '../actions/schema';

/** A runtime as clients know it. They come with the studio; nothing is installed for them. */
export interface RuntimeFacts {
  /** The same in every installation. */
  id: number;
  ref: string;
  runtime: Runtime;
  name: string;
  description: string;
  /** File endings by which it is chosen. */
  endings: readonly string[];
}

export const allRuntimes: readonly RuntimeFacts[] = [
  {
    id: 1,
    ref: 'core.shell',
    runtime: 'shell',
    name: 'Shell',
    description: 'A script for bash, or for sh where there is no bash: a file of the pack, or inline.',
    endings: ['sh', 'bash'],
  },
  {
    id: 2,
    ref: 'core.python',
    runtime: 'python',
    name: 'Python',
    description: 'A script, or a module with run(**params) or main(params); packages from requirements.txt.',
    endings: ['py'],
  },
  {
    id: 3,
    ref: 'core.nodejs',
    runtime: 'nodejs',
    name: 'Node.js',
    description: 'A script, CommonJS or ESM, or an exported run(params); packages from package.json.',
    endings: ['js', 'mjs', 'cjs'],
  },
  {
    id: 4,
    ref: 'core.http',
    runtime: 'http',
    name: 'HTTP',
    description: 'A request, sent by the worker itself.',
    endings: [],
  },
  {
    id: 5,
    ref: 'core.native',
    runtime: 'native',
    name: 'Built-in',
    description: 'What the worker does itself: the actions of the core pack.',
    endings: [],
  },
  {
    id: 6,
    ref: 'core.container',
    runtime: 'container',
    name: 'Container',
    description: 'An image, by Docker or Podman where the worker has one.',
    endings: [],
  },
];

export function findRuntime(runtime: string): RuntimeFacts | null {
  return allRuntimes.find((one) => one.runtime === runtime) ?? null;
}
