import type { Interpreter } from '../runners/runner';
import { systemPath } from '../sandbox/environment';
import type { EnvironmentSpec } from './spec';

/** Settings of the worker's own environment that an install needs, and an action must not see. */
const forInstalls = [
  /^PIP_(INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|CERT|CLIENT_CERT|TRUSTED_HOST|PROXY|(DEFAULT_)?TIMEOUT|RETRIES|PREFER_BINARY|ONLY_BINARY|NO_BINARY|CONSTRAINT)$/,
  /^npm_config_(registry|@.*|\/\/.*|proxy|https?_proxy|noproxy|cafile|ca|strict_ssl|fetch_\w+|offline|prefer_offline|maxsockets)$/i,
  /^((https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS|CARGO_HOME)$/i,
];

/** The part of the worker's environment that is about where packages come from. */
export function toInstallSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && value !== '' && forInstalls.some((pattern) => pattern.test(name)))
      found[name] = value;
  return found;
}

/** Passwords inside the addresses of registries and proxies, and registry tokens: to be masked in the log. */
export function secretsOf(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (/_(authtoken|auth|password)$/i.test(name)) return [value];
    return [...value.matchAll(/\/\/[^\s/@:]*:([^\s/@]+)@/g)].flatMap(([, password = '']) => [password]);
  });
}

/** Where things are at an install. */
export interface InstallPlace {
  packFolder: string;
  /** Built here … */
  draft: string;
  /** … and moved there: programs inside name their interpreter by its path. */
  target: string;
  /** HOME and temporary files: thrown away afterwards. */
  runFolder: string;
  interpreter: Interpreter;
  /** npm-cli.js, for node_modules. */
  npm: string | null;
  /** Install scripts of packages may run: what runs them has walls. */
  mayRunScripts: boolean;
}

const pythonScript = `set -e
umask 022
"$PYTHON" -m venv --without-pip "$DRAFT"
cd "$PACK"
options='--no-input --no-color --progress-bar off --no-warn-script-location --disable-pip-version-check --no-cache-dir'
if "$PYTHON" -m pip --python "$DRAFT/bin/python" --version >/dev/null 2>&1; then
  "$PYTHON" -m pip --python "$DRAFT/bin/python" install $options --root-user-action ignore -r requirements.txt
elif "$DRAFT/bin/python" -m ensurepip >/dev/null 2>&1; then
  "$DRAFT/bin/python" -m pip install $options -r requirements.txt
else
  echo "attune: neither pip nor ensurepip is there for $PYTHON: install the package python3-pip on this worker" >&2
  exit 1
fi
"$DRAFT/bin/python" - "$DRAFT" "$TARGET" <<'END'
import os, sys
draft, target = (os.fsencode(one) for one in sys.argv[1:3])
folder = os.path.join(draft, b"bin")
for name in os.listdir(folder):
    path = os.path.join(folder, name)
    if os.path.islink(path) or not os.path.isfile(path):
        continue
    with open(path, "rb") as file:
        content = file.read()
    if draft in content and b"\\0" not in content:
        with open(path, "wb") as file:
            file.write(content.replace(draft, target))
END
`;

const nodeScript = `set -e
umask 022
mkdir -p "$HOME/bin"
ln -s "$NODE" "$HOME/bin/node"
PATH="$HOME/bin:$PATH"
if test -n "$WHOLE_PACK"; then
  cd "$PACK"
  find . -mindepth 1 -maxdepth 1 ! -name node_modules ! -name .git -exec cp -R {} "$DRAFT/" ';'
else
  for name in package.json package-lock.json npm-shrinkwrap.json .npmrc; do
    if test -f "$PACK/$name"; then cp "$PACK/$name" "$DRAFT/$name"; fi
  done
fi
cd "$DRAFT"
"$NODE" "$NPM" "$HOW" --omit=dev --no-audit --no-fund --no-progress --no-update-notifier $SCRIPTS
mkdir -p node_modules
`;

/** The program that builds an environment into `place.draft`, and all that it finds in its own environment. */
export function toInstall(
  sh: string,
  spec: EnvironmentSpec,
  place: InstallPlace,
  settings: Readonly<Record<string, string>>,
): { command: string[]; environment: Record<string, string> } {
  const environment = {
    ...settings,
    PATH: systemPath,
    HOME: place.runFolder,
    TMPDIR: `${place.runFolder}/tmp`,
    LANG: 'C.UTF-8',
    PACK: place.packFolder,
    DRAFT: place.draft,
    TARGET: place.target,
    ...(spec.kind === 'python'
      ? { PYTHON: place.interpreter.path }
      : {
          NODE: place.interpreter.path,
          NPM: place.npm ?? '',
          HOW: spec.hasLock ? 'ci' : 'install',
          SCRIPTS: place.mayRunScripts ? '' : '--ignore-scripts',
          WHOLE_PACK: spec.hasLocalFiles ? 'yes' : '',
        }),
  };
  return { command: [sh, '-c', spec.kind === 'python' ? pythonScript : nodeScript], environment };
}
