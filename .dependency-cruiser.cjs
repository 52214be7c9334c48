const places = ['app', 'components', 'engine', 'server', 'worker', 'client', 'cli', 'e2e'];
const ours = `^(${places.join('|')})/`;
const drawers = '/(lib|utils|helpers|common|types)/';

/** `from` may import of our own places only `allowed`. */
const only = (from, allowed, comment) => ({
  name: `${from}-knows-${allowed.length === 0 ? 'nobody' : allowed.join('-and-')}`,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: ours, pathNot: `^(${[from, ...allowed].join('|')})/` },
});

/** Only files in `folder` may import this package. */
const onlyIn = (folder, name, packages) => ({
  name: `${name}-only-in-${folder.replace('/', '-')}`,
  comment: `Put it behind ${folder}, so that a change of library stays there.`,
  severity: 'error',
  from: { path: ours, pathNot: `^${folder}/` },
  to: { path: `^node_modules/(${packages})` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    only('engine', [], 'The engine is pure: it decides, others act.'),
    only('server', ['engine'], 'The server knows the engine and nobody else.'),
    only('worker', ['server', 'engine'], 'The worker has no pages.'),
    only('components', ['engine', 'server'], 'Components know the engine, and types of the server.'),
    only('app', ['components', 'server', 'engine'], 'Pages are made of components and ask the server.'),
    only(
      'e2e',
      ['client'],
      'Journeys see what a person sees, and what a program sees that is handed the client.',
    ),
    only('client', [], 'The client knows the public API, and nothing of how it is served.'),
    only('cli', ['client'], 'The command line is a program like those of others.'),
    {
      name: 'components-take-only-types-from-the-server',
      comment: 'Use `import type`: server code must not reach the browser.',
      severity: 'error',
      from: { path: '^components/' },
      to: { path: '^server/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'engine-does-no-io',
      comment:
        'Time, chance and identity come in from outside; files and sockets belong to the server and the worker.',
      severity: 'error',
      from: { path: '^engine/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-has-no-react',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^node_modules/(react|react-dom|next|@xyflow|pg|@prisma)(/|$)' },
    },
    onlyIn('components/canvas', 'react-flow', '@xyflow/'),
    onlyIn('components/code', 'monaco', '(@monaco-editor/|monaco-editor)'),
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thought: join them or take out what both need.',
      severity: 'error',
      from: { path: ours },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-drawer-folders',
      comment: 'A helper lives beside its only caller; with two callers it gets a noun of its own.',
      severity: 'error',
      from: { path: ours },
      to: { path: drawers, pathNot: 'node_modules' },
    },
    {
      name: 'no-imports-from-drawer-folders',
      comment: 'The same for a drawer that nobody of ours imports yet.',
      severity: 'error',
      from: { path: drawers },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { path: ours },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-fixtures-in-the-product',
      comment: 'What ships must not import tests.',
      severity: 'error',
      from: { path: ours, pathNot: '(\\.test\\.tsx?$|-fixture\\.ts$|^e2e/)' },
      to: { path: '\\.test\\.tsx?$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(server/generated|client/generated|\\.next|dist|e2e/\\.artifacts)/' },
    // Type-only imports count as dependencies too: the direction holds for words as well as for code.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
