/** Writes a Markdown report. What run() gives back is the result; what it logs streams into the log. */
export function run({ host, mount, used_percent, outcome, check = {}, decision = {}, cleaned = {} }) {
  console.log(`Writing the report on ${mount} of ${host}`);
  const title = `${mount} on ${host}: ${outcome}`;
  const lines = [`# ${title}`, '', `The disk was **${used_percent} %** full.`];
  if (check.summary) lines.push('', '## What was found', '', check.summary);
  if (typeof decision.approved === 'boolean') {
    lines.push('', '## What was decided', '');
    lines.push(decision.approved ? 'Old logs may be deleted.' : 'Leave it alone.');
    if (decision.note) lines.push('', ...decision.note.split('\n').map((line) => `> ${line}`));
  }
  if (cleaned.removed_files !== undefined) {
    lines.push('', '## What was done', '');
    lines.push('| deleted | kept | space given back |', '|---|---|---|');
    lines.push(`| ${cleaned.removed_files} files | ${cleaned.kept_files} files | ${cleaned.freed_kb} KB |`);
  }
  return { title, markdown: lines.join('\n') };
}
