import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Group } from './groups/group';
import { isOpenToAll } from './workspace';

export const wallLevels = ['L1', 'L2', 'L3'] as const;
export type WallLevel = (typeof wallLevels)[number];

/** What this machine offers to build walls with; absolute paths. */
export interface Tools {
  setpriv: string | null;
  prlimit: string | null;
  unshare: string | null;
  mount: string | null;
  umount: string | null;
  bwrap: string | null;
  sh: string;
}

export interface Walls {
  level: WallLevel;
  /** Does each attempt run as a user of its own? Needs root. */
  hasUsers: boolean;
  tools: Tools;
  /** Folders that hold secrets or other executions' things: empty for whoever is inside. */
  hidden: readonly string[];
}

/** What one attempt needs of its walls. */
export interface Confinement {
  uid: number | null;
  gid: number | null;
  /** The run folder: working directory, writable. */
  folder: string;
  writable: readonly string[];
  readable: readonly string[];
  /** What limits its memory, processes and processors; null where nothing does. (Default: null) */
  group?: Group | null;
  /** May it reach anybody, the studio too? Walls of level L1 can't keep it from that. (Default: yes) */
  hasNetwork?: boolean;
}

const processLimit = 512;
const fileSizeLimit = 2 ** 30;
const openFilesLimit = 4096;
/** Of each private folder for temporary files. */
const temporaryMb = 256;
const temporaryInodes = 16_384;

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Limits on processes, files and their size, where no group does it on the way. */
function limit(walls: Walls, { uid, group }: Confinement): string[] {
  const { prlimit } = walls.tools;
  if (!prlimit || group) return [];
  const line = [prlimit, `--fsize=${fileSizeLimit}`, `--nofile=${openFilesLimit}`, '--core=0'];
  // Counted per user, so only where the user is the attempt's own.
  if (uid !== null) line.push(`--nproc=${processLimit}`);
  return [...line, '--'];
}

/**
 * Shell commands that put the shell, and all that it becomes, into the group. Before anything of the attempt runs, and by
 * itself: whoever is put there by another has run meanwhile. The limits on files come with it and save a program.
 */
function enter(group: Group): string {
  const files = [`-c 0`, `-f ${fileSizeLimit / 512}`, `-n ${openFilesLimit}`];
  return [
    ...group.joins.map((file) => `echo 0 >${quote(file)}`),
    ...files.map((one) => `ulimit ${one}`),
  ].join(' && ');
}

/** Enters the group, and becomes what follows. */
function enterFirst(walls: Walls, group: Group): string[] {
  const script = `${enter(group)} || { echo "attune: the limits could not be set" >&2; exit 125; }; exec "$@"`;
  return [walls.tools.sh, '-c', script, 'attune-enter'];
}

/** Only that user, and no word of privileges: what follows needs to hear none. @throws Error without a tool for it */
function become(walls: Walls, user: { uid: number; gid: number } | null): string[] {
  if (!user) return [];
  if (!walls.tools.setpriv)
    throw new Error('setpriv is not there, and without it nobody becomes another user');
  return [
    walls.tools.setpriv,
    '--reuid',
    String(user.uid),
    '--regid',
    String(user.gid),
    '--clear-groups',
    '--',
  ];
}

/** No new privileges, and dead with its parent; with a user also that user. */
function drop(walls: Walls, user: { uid: number; gid: number } | null): string[] {
  const { setpriv } = walls.tools;
  if (!setpriv) return [];
  const line = [setpriv, '--no-new-privs', '--pdeathsig', 'KILL'];
  if (user) line.push('--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups');
  return [...line, '--'];
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** What must be put back after hiding: only folders below a hidden one. */
function toKeep(hidden: readonly string[], paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => resolve(path)))].filter((path) =>
    hidden.some((folder) => isBelow(path, folder)),
  );
}

/** Outer folders only: an inner one is hidden with them. */
function hiddenOf(walls: Walls, isReachable: (path: string) => boolean): string[] {
  // Whoever has the worker's user could write itself out of its group.
  const groups = walls.hasUsers ? [] : ['/sys/fs/cgroup'];
  return ['/tmp', '/var/tmp', '/dev/shm', ...groups, ...walls.hidden]
    .map((path) => resolve(path))
    .filter((path, index, all) => existsSync(path) && all.indexOf(path) === index && isReachable(path))
    .sort((a, b) => a.length - b.length)
    .filter((path, index, all) => !all.slice(0, index).some((outer) => isBelow(path, outer)));
}

/**
 * Becomes the first process of its own process namespace: hides folders, puts back what the attempt needs, and
 * waits for the program. When it ends the kernel kills whatever is left inside. Only digits up to 9 name
 * descriptors in every sh, so at most six folders can be kept.
 */
function initScript(walls: Walls, confinement: Confinement): string {
  const hidden = hiddenOf(walls, () => true);
  const kept = toKeep(hidden, [confinement.folder, ...confinement.writable, ...confinement.readable]);
  if (kept.length > 6) throw new Error(`too many folders to keep: ${kept.join(', ')}`);
  const mount = `${quote(walls.tools.mount ?? 'mount')} --no-canonicalize`;
  const steps = [
    ...(confinement.group ? [enter(confinement.group)] : []),
    'umask 022',
    ...kept.map((path, index) => `exec ${index + 4}<${quote(path)}`),
  ];
  for (const path of hidden) {
    const mode = path === '/tmp' || path === '/var/tmp' || path === '/dev/shm' ? '1777' : '0711';
    const bounds = `size=${temporaryMb}m,nr_inodes=${temporaryInodes}`;
    steps.push(`${mount} -t tmpfs -o mode=${mode},${bounds},nosuid,nodev tmpfs ${quote(path)}`);
  }
  if (kept.length > 0) steps.push(`mkdir -p ${kept.map(quote).join(' ')}`);
  kept.forEach((path, index) => steps.push(`${mount} --bind /proc/self/fd/${index + 4} ${quote(path)}`));
  steps.push(`cd ${quote(confinement.folder)}`, 'umask 007');
  const closed = kept.map((_, index) => `${index + 4}<&-`).join(' ');
  return [
    `exec 3<&0 </dev/null`,
    `${steps.join(' && ')} || { echo "attune: the walls could not be put up" >&2; exit 125; }`,
    ...(closed ? [`exec ${closed}`] : []),
    `"$@" <&3 3<&- &`,
    // What sh itself says of a killed program is not the program's output.
    `exec 3<&- 2>/dev/null`,
    `wait $!`,
  ].join('\n');
}

function bubblewrap(walls: Walls, confinement: Confinement, tool: string): string[] {
  // bwrap runs as the attempt's user: what that user can't reach needs no hiding and can't be mounted on.
  const hidden = hiddenOf(walls, (path) => confinement.uid === null || isOpenToAll(dirname(path)));
  const writable = [confinement.folder, ...confinement.writable];
  const line = [
    tool,
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--die-with-parent',
    '--new-session',
    ...(confinement.hasNetwork === false ? ['--unshare-net'] : []),
  ];
  line.push('--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc');
  const size = ['--size', String(temporaryMb * 2 ** 20)];
  for (const path of hidden) if (path !== '/dev/shm') line.push(...size, '--tmpfs', path);
  for (const path of toKeep(hidden, confinement.readable)) line.push('--ro-bind', path, path);
  for (const path of writable) line.push('--bind', path, path);
  line.push('--chdir', confinement.folder, '--');
  return line;
}

export interface WalledCommand {
  command: string;
  args: string[];
  /** Whom to start it as; where the walls need root to be put up, they take the user themselves. */
  user: { uid: number; gid: number } | null;
  isWalled: boolean;
}

/** The command that runs `program` inside the walls. Nothing in it is a parameter: only paths and numbers. */
export function toWalledCommand(
  walls: Walls,
  confinement: Confinement,
  program: readonly string[],
): WalledCommand {
  const { tools, level } = walls;
  const { uid, gid } = confinement;
  const user = uid === null ? null : { uid, gid: gid ?? uid };
  const toCommand = (line: string[], starter: WalledCommand['user']): WalledCommand => {
    const [command = tools.sh, ...args] = line;
    return { command, args, user: starter, isWalled: level !== 'L1' };
  };
  const { group = null } = confinement;
  if (confinement.hasNetwork === false && level === 'L1')
    throw new Error('walls of level L1 cannot keep a program from the network');
  if (level === 'L3' && tools.bwrap) {
    const inner = [...bubblewrap(walls, confinement, tools.bwrap), ...program];
    // bwrap itself sees to new privileges and to the death of its parent.
    if (!group) return toCommand([...limit(walls, confinement), ...inner], user);
    return toCommand([...enterFirst(walls, group), ...become(walls, user), ...inner], null);
  }
  if (level === 'L2' && tools.unshare) {
    const outer = tools.setpriv ? [tools.setpriv, '--pdeathsig', 'KILL', '--'] : [];
    const spaces = ['--pid', '--mount', '--ipc', '--uts', '--fork', '--kill-child=KILL', '--mount-proc'];
    if (confinement.hasNetwork === false) spaces.push('--net');
    const asRoot = user ? [] : ['--user', '--map-root-user'];
    // Without a user of its own it is root of its namespace: without capabilities it can't take the walls down.
    const powerless =
      user || !tools.setpriv ? [] : [tools.setpriv, '--bounding-set=-all', '--inh-caps=-all', '--'];
    const init = [tools.sh, '-c', initScript(walls, confinement), 'attune-init'];
    const inner = [...powerless, ...limit(walls, confinement), ...drop(walls, user), ...program];
    return toCommand([...outer, tools.unshare, ...asRoot, ...spaces, ...init, ...inner], null);
  }
  if (group) {
    const line = tools.setpriv ? drop(walls, user) : become(walls, user);
    return toCommand([...enterFirst(walls, group), ...line, ...program], null);
  }
  return toCommand([...limit(walls, confinement), ...drop(walls, null), ...program], user);
}
