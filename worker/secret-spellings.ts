/** Lines of a longer secret count by themselves from this length on: programs print keys line by line. */
const shortestLine = 8;

/** How a secret may be written in an output: as it is, and as JSON, URLs, shell scripts, base64 and hex write it. */
export function spellingsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= shortestLine);
  const texts = new Set([secret, secret.trim(), ...lines]);
  const spellings = new Set<string>();
  for (const text of texts) {
    for (const spelling of [text, ...asJson(text), ...asUrl(text.toWellFormed()), asShell(text)])
      spellings.add(spelling);
    const bytes = Buffer.from(text, 'utf8');
    for (const spelling of [...asBase64(bytes), ...asHex(bytes)]) spellings.add(spelling);
  }
  return [...spellings];
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Inside a JSON text, and one inside of that: as JavaScript, PHP, Python and Go write it. */
function asJson(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replaceAll(/[^\x20-\x7e]/g, escaped);
  const twice = JSON.stringify(plain).slice(1, -1);
  return [plain, twice, ascii, plain.replaceAll('/', '\\/'), plain.replaceAll(/[<>&]/g, escaped)];
}

/** Percent-encoded: as JavaScript, curl and Python do it, in forms with `+` for a space, with hex digits of both cases. */
function asUrl(text: string): string[] {
  const plain = encodeURIComponent(text);
  const strict = plain.replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const forms = [plain, strict, strict.replaceAll('%2F', '/')];
  const all = [...forms, ...forms.map((form) => form.replaceAll('%20', '+'))];
  return [...all, ...all.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()))];
}

/** Between single quotes of a shell, as `set -x` shows it. */
function asShell(text: string): string {
  return text.replaceAll("'", `'\\''`);
}

/**
 * By itself, padded or not, or in the midst of something longer (`user:password`): there it has three spellings, of
 * which those characters are looked for that its neighbours have no part in.
 */
function asBase64(bytes: Buffer): string[] {
  const whole = bytes.toString('base64');
  const parts = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3)),
  );
  const spellings = [whole, whole.replace(/=+$/, ''), ...parts];
  const wrapped = [64, 76].flatMap((width) =>
    whole.length > width ? [whole.replaceAll(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\n')] : [],
  );
  const forUrls = spellings.map((spelling) => spelling.replaceAll('+', '-').replaceAll('/', '_'));
  return [...spellings, ...wrapped, ...forUrls];
}

function asHex(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  return [hex, hex.toUpperCase()];
}
