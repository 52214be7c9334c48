import { Layout } from '../workflows/schema';

/** Positions stand in `<name>.layout.json` beside the workflow. */
export function readLayout(
  name: string,
  path: string,
  texts: ReadonlyMap<string, string>,
  problems: string[],
): Layout {
  const beside = name.replace(/(\.workflow)?\.ya?ml$/, '.layout.json');
  const text = texts.get(beside);
  if (text === undefined) return { positions: {} };
  try {
    return Layout.parse(JSON.parse(text));
  } catch (error) {
    const sentence = error instanceof SyntaxError ? error.message : 'must be {"positions": {task: {x, y}}}';
    problems.push(`${path.replace(/(\.workflow)?\.ya?ml$/, '.layout.json')}:1 ${sentence}`);
    return { positions: {} };
  }
}
