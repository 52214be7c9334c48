// Writes a Markdown report. Parameters come as one line of JSON on stdin, the result leaves as one.
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', () => {
  const { host, mount, used_percent, outcome, check, decision, cleaned } = JSON.parse(
    Buffer.concat(chunks).toString('utf8'),
  );
  console.error(`Writing the report on ${mount} of ${host}`);

  const title = `${mount} on ${host}: ${outcome}`;
  const lines = [`# ${title}`, '', `The disk was **${used_percent} %** full.`];
  if (check?.summary) lines.push('', '## What was found', '', check.summary);
  if (typeof decision?.approved === 'boolean') {
    lines.push('', '## What was decided', '', decision.approved ? 'Old logs may be deleted.' : 'Leave it alone.');
    if (decision.note) lines.push('', ...decision.note.split('\n').map((line) => `> ${line}`));
  }
  if (cleaned?.removed_files !== undefined) {
    lines.push('', '## What was done', '');
    lines.push('| deleted | kept | space given back |', '|---|---|---|');
    lines.push(`| ${cleaned.removed_files} files | ${cleaned.kept_files} files | ${cleaned.freed_kb} KB |`);
  }
  console.log(JSON.stringify({ title, markdown: lines.join('\n') }));
});
