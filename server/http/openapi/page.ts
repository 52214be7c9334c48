import type { JsonObject } from '../../fields';
import { tagOf } from './document';

/** The policy of the page: nothing but what stands in it, and no script. */
export const specPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const style = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe2, #343a46); --dim: light-dark(#565d6d, #a3abbb); --box: light-dark(#f5f6f8, #1b1f27); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 Inter, system-ui, sans-serif; background: light-dark(#fff, #12151b); color: light-dark(#171a21, #e8eaef); }
header, main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
a { color: light-dark(#2348b8, #9db8ff); }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0; }
summary { padding: .5rem .75rem; cursor: pointer; display: flex; flex-wrap: wrap; gap: .25rem .75rem; }
summary code { overflow-wrap: anywhere; }
summary span { color: var(--dim); }
.method { font-weight: 700; min-width: 4.5em; }
.body { padding: 0 .75rem .75rem; }
h3 { font-size: .95rem; margin: .9rem 0 .3rem; }
pre { background: var(--box); padding: .6rem; border-radius: 6px; overflow: auto; max-height: 28rem; font-size: 13px; }
table { border-collapse: collapse; width: 100%; } td { padding: .2rem .75rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; } td:nth-child(2):not(:last-child) { overflow-wrap: normal; }
td:last-child { color: var(--dim); }
`;

const escape = (text: unknown): string =>
  String(text).replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

interface Operation {
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string }[];
  requestBody?: { content: Record<string, { schema?: JsonObject }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: JsonObject }> }>;
}

/** The document as a page for people. */
export function toSpecPage(document: JsonObject): string {
  const paths = Object.entries(document['paths'] as unknown as Record<string, Record<string, Operation>>);
  const tags = [...new Set(paths.map(([address]) => tagOf(address)))].sort();
  const { title, version, description } = document['info'] as Record<string, string>;
  const sections = tags.map((tag) => {
    const own = paths.filter(([address]) => tagOf(address) === tag);
    const operations = own.flatMap(([address, methods]) =>
      Object.entries(methods).map(([method, operation]) => toDetails(method, address, operation)),
    );
    return `<section aria-labelledby="${escape(tag)}"><h2 id="${escape(tag)}">${escape(tag)}</h2>${operations.join('')}</section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} API</title><style>${style}</style></head>
<body><header><h1>${escape(title)} API</h1><p>Version ${escape(version)}. ${escape(description)}</p>
<p><a href="/api-spec/openapi.json">openapi.json</a> is the same for programs (OpenAPI 3.1). Sign in with <code>POST /auth/login</code>, then send <code>Authorization: Bearer …</code>.</p>
<nav aria-label="Nouns"><ul>${tags.map((tag) => `<li><a href="#${escape(tag)}">${escape(tag)}</a></li>`).join('')}</ul></nav></header>
<main>${sections.join('')}</main></body></html>`;
}

function toDetails(method: string, address: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const rows = parameters.map(
    ({ name, in: place, required, description: about = '' }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${escape(place)}${required ? ', required' : ''}</td><td>${escape(about)}</td></tr>`,
  );
  const answers = Object.entries(responses).map(
    ([status, { description: about }]) => `<tr><td><code>${status}</code></td><td>${escape(about)}</td></tr>`,
  );
  const [done] = Object.entries(responses);
  return `<details><summary><code class="method">${escape(method.toUpperCase())}</code><code>${escape(address)}</code><span>${escape(summary)}</span></summary>
<div class="body">${description ? `<p>${escape(description)}</p>` : ''}
${rows.length > 0 ? `<h3>Parameters</h3><table>${rows.join('')}</table>` : ''}
${toSchemas('Body', requestBody?.content)}${toSchemas('Answer', done?.[1].content)}
<h3>Statuses</h3><table>${answers.join('')}</table></div></details>`;
}

function toSchemas(heading: string, content: Record<string, { schema?: JsonObject }> | undefined): string {
  return Object.entries(content ?? {})
    .map(
      ([type, { schema = {} }]) =>
        `<h3>${heading} <code>${escape(type)}</code></h3><pre tabindex="0">${escape(JSON.stringify(schema, null, 2))}</pre>`,
    )
    .join('');
}
