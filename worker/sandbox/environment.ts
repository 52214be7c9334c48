/** Where programs are found inside the walls, after the interpreters' own folders. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables for `spawn`. Next's types demand a NODE_ENV of every environment; a program of somebody else gets none. */
export function toSpawnEnvironment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return Object.assign({} as NodeJS.ProcessEnv, variables);
}

/** What an action is told about itself, wherever it runs. */
export interface Context {
  executionId: number;
  actionRef: string;
  packRef: string;
  apiUrl: string;
  attempt: number;
  /** The same over hand-overs and retries of one execution. */
  idempotencyKey: string;
  ruleRef: string | null;
  triggerRef: string | null;
  artifactsFolder: string;
  /** What it may call the API with, if it may; the one secret in an environment. */
  apiToken?: string | null;
}

/** The variables that tell it. */
export function toContext(context: Context): Record<string, string> {
  return {
    ATTUNE_EXEC_ID: String(context.executionId),
    ATTUNE_ACTION: context.actionRef,
    ATTUNE_PACK_REF: context.packRef,
    ATTUNE_API_URL: context.apiUrl,
    ATTUNE_ATTEMPT: String(context.attempt),
    ATTUNE_IDEMPOTENCY_KEY: context.idempotencyKey,
    ATTUNE_ARTIFACTS_DIR: context.artifactsFolder,
    ...(context.ruleRef === null ? {} : { ATTUNE_RULE: context.ruleRef }),
    ...(context.triggerRef === null ? {} : { ATTUNE_TRIGGER: context.triggerRef }),
    ...(context.apiToken ? { ATTUNE_API_TOKEN: context.apiToken } : {}),
  };
}

/** What the processes of one pack find in their environment whatever they are to do. */
export interface Standing {
  runFolder: string;
  /** Where the environments of the action's tenant lie. */
  environmentsFolder: string;
  /** What the pack's environment adds; nothing of a person. */
  variables: Readonly<Record<string, string>>;
  /** Where Python finds our module; null for the others, who find it in their own ways. */
  modulesFolder: string | null;
  /** Folders of the interpreters, so that a shell action finds the same ones. */
  programFolders: readonly string[];
}

/** The variables that are known before there is an execution. */
export function toStanding(standing: Standing): Record<string, string> {
  const folders = standing.programFolders.filter((folder) => !systemPath.split(':').includes(folder));
  return {
    PATH: [...new Set(folders), systemPath].join(':'),
    HOME: standing.runFolder,
    TMPDIR: `${standing.runFolder}/tmp`,
    LANG: 'C.UTF-8',
    ATTUNE_RUNTIME_ENVS_DIR: standing.environmentsFolder,
    ...(standing.modulesFolder === null ? {} : { PYTHONPATH: standing.modulesFolder }),
    ...standing.variables,
  };
}

/** And what an action is told where it runs inside our walls. */
export interface ActionContext extends Context, Standing {
  /** Where the action may leave its result. */
  resultFile: string;
  /** Where its parameters are, unless they come on stdin. */
  parameterFile: string | null;
  /** What was asked for with the request; nothing of it hides what is ours. */
  requestVariables?: Readonly<Record<string, string>>;
}

/** The whole environment of an action. Nothing of the worker's own is in it, and never a parameter or a secret but its token. */
export function toEnvironment(context: ActionContext): Record<string, string> {
  return {
    ...context.requestVariables,
    ...toContext(context),
    ATTUNE_RESULT_FILE: context.resultFile,
    ...(context.parameterFile === null ? {} : { ATTUNE_PARAMETER_FILE: context.parameterFile }),
    ...toStanding(context),
  };
}
