/** Where programs are found inside the walls, after the interpreters' own folders. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables for `spawn`. Next's types demand a NODE_ENV of every environment; a program of somebody else gets none. */
export function toSpawnEnvironment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return Object.assign({} as NodeJS.ProcessEnv, variables);
}

/** What an action is told about itself. */
export interface ActionContext {
  executionId: number;
  actionRef: string;
  packRef: string;
  apiUrl: string;
  attempt: number;
  idempotencyKey: string;
  ruleRef: string | null;
  triggerRef: string | null;
  runFolder: string;
  artifactsFolder: string;
  /** Where the environments of the action's tenant lie. */
  environmentsFolder: string;
  /** What the pack's environment adds; nothing of a person. */
  variables: Readonly<Record<string, string>>;
  /** Folders of the interpreters, so that a shell action finds the same ones. */
  programFolders: readonly string[];
}

/** The whole environment of an action. Nothing of the worker's own is in it, and never a parameter or a secret. */
export function toEnvironment(context: ActionContext): Record<string, string> {
  const folders = context.programFolders.filter((folder) => !systemPath.split(':').includes(folder));
  return {
    PATH: [...new Set(folders), systemPath].join(':'),
    HOME: context.runFolder,
    TMPDIR: `${context.runFolder}/tmp`,
    LANG: 'C.UTF-8',
    ATTUNE_EXEC_ID: String(context.executionId),
    ATTUNE_ACTION: context.actionRef,
    ATTUNE_PACK_REF: context.packRef,
    ATTUNE_API_URL: context.apiUrl,
    ATTUNE_ATTEMPT: String(context.attempt),
    ATTUNE_IDEMPOTENCY_KEY: context.idempotencyKey,
    ATTUNE_ARTIFACTS_DIR: context.artifactsFolder,
    ATTUNE_RUNTIME_ENVS_DIR: context.environmentsFolder,
    ...context.variables,
    ...(context.ruleRef === null ? {} : { ATTUNE_RULE: context.ruleRef }),
    ...(context.triggerRef === null ? {} : { ATTUNE_TRIGGER: context.triggerRef }),
  };
}
