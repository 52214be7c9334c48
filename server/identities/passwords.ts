import { randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

// OWASP's argon2id floor. The algorithm is the library's default, which a test holds fast.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The same password typed on another keyboard must give the same bytes. */
function toBytes(password: string): string {
  return password.normalize('NFKC');
}

/** The password's argon2id hash, with its salt and cost inside. */
export function hashPassword(password: string): Promise<string> {
  return hash(toBytes(password), cost);
}

let nobody: Promise<string> | undefined;

/** Whether the password is the one. Without a hash (an unknown login) it is no, after as much work as a yes. */
export async function passwordFits(passwordHash: string | null, password: string): Promise<boolean> {
  nobody ??= hashPassword('the password of nobody');
  const fits = await verify(passwordHash ?? (await nobody), toBytes(password));
  return passwordHash !== null && fits;
}

// No 0, O, I or l: it is read off a terminal and typed.
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A password of 20 characters, about 117 bits. */
export function randomPassword(): string {
  return Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join('');
}
