import type { Json } from '../expression/expression';
import { uniqueName } from './edit';
import { toJsonSchema } from './parameters';
import { failure, success } from './parse-task';
import { eachReference, replacePaths } from './replace-paths';
import type { Definition, Task, Transition } from './schema';

type JsonObject = { [key: string]: Json };

/** What becomes of a selection of tasks that moves into a workflow of its own, or why it cannot. */
export type Extraction =
  | {
      isPossible: true;
      /** The workflow with one task in place of the selection. */
      definition: Definition;
      /** That task's name. */
      task: string;
      /** The workflow of the selection. */
      extracted: Definition;
      /** What changes its meaning a little: people should know. */
      notes: string[];
    }
  | { isPossible: false; reasons: string[] };

/**
 * Moves tasks into a workflow of their own, `ref`. What they read of the rest becomes its parameters, what the rest
 * reads of them its output. Possible where the selection is entered at one task and left from one task; failures may
 * leave from several, to the same place.
 */
export function extractTasks(definition: Definition, names: readonly string[], ref: string): Extraction {
  const chosen = new Set(names);
  const inside = definition.tasks.filter(({ name }) => chosen.has(name));
  const outside = definition.tasks.filter(({ name }) => !chosen.has(name));
  const reasons: string[] = [];
  const refuse = (reason: string) => {
    if (!reasons.includes(reason)) reasons.push(reason);
  };
  const first = inside[0];
  if (!first) return { isPossible: false, reasons: ['Choose at least one task.'] };
  const task = uniqueName({ tasks: outside }, ref.slice(ref.lastIndexOf('.') + 1));
  const entries = entriesOf(inside, outside, chosen, refuse);
  const exits = exitsOf(inside, chosen, refuse);
  const notes: string[] = [];

  const parameterNames = new Names();
  const parameters: JsonObject = {};
  const input: JsonObject = {};
  const vars: JsonObject = {};
  const declared = (toJsonSchema(definition.parameters ?? {})['properties'] ?? {}) as JsonObject;
  let extractedTasks: Task[] = inside.map((one) => within(one, chosen));
  const written = new Set(extractedTasks.flatMap((one) => one.next.flatMap(publishedBy)));
  const variables = new Set<string>();
  const results = new Map<string, Set<string>>();
  eachReference(extractedTasks, ({ root, path }) => {
    const [first, second] = path;
    if (root === 'parameters') {
      if (typeof first !== 'string')
        return refuse('It reads all parameters at once: name the ones that it needs.');
      parameterNames.take(`parameters ${first}`, first);
      parameters[first] = declared[first] ?? {};
      input[first] = `{{ ${member('parameters', first)} }}`;
    } else if (root === 'workflow' || root === 'vars') {
      if (typeof first !== 'string')
        return refuse('It reads all variables at once: name the ones that it needs.');
      variables.add(first);
    } else if (root === 'task') {
      if (typeof first !== 'string') return refuse('It reads a task whose name is computed.');
      if (chosen.has(first)) return;
      if (second !== 'result' && second !== 'status')
        return refuse(`It reads more of ${first} than its result or status.`);
      results.set(first, (results.get(first) ?? new Set()).add(second));
    } else if (root === 'execution') {
      notes.push('execution is the run of the new workflow there, not this one.');
    }
  });
  for (const name of [...variables, ...written]) {
    if (Object.hasOwn(vars, name)) continue;
    const parameter = parameterNames.take(`workflow ${name}`, name);
    parameters[parameter] = {};
    input[parameter] = `{{ ${member('workflow', name)} }}`;
    vars[name] = `{{ ${member('parameters', parameter)} }}`;
  }
  const missed = () => refuse('A path is written in a way that cannot be rewritten: write it with dots.');
  for (const [name, parts] of results) {
    for (const part of parts) {
      const parameter = parameterNames.take(`task ${name} ${part}`, `${name}_${part}`);
      parameters[parameter] = {};
      input[parameter] = `{{ ${member('task', name)}.${part} }}`;
      extractedTasks = replacePaths(
        extractedTasks,
        ['task', name, part],
        member('parameters', parameter),
        missed,
      );
    }
  }

  // What the rest reads of the selection.
  const output: JsonObject = {};
  let rest: Definition = { ...definition, tasks: outside };
  const readOutside = new Map<string, Set<string>>();
  const variablesOutside = new Set<string>();
  eachReference({ ...rest, exits: exits.transitions }, ({ root, path: [name, part] }) => {
    if ((root === 'workflow' || root === 'vars') && typeof name === 'string') variablesOutside.add(name);
    if (root === 'workflow' && name === undefined) for (const one of written) variablesOutside.add(one);
    if (root !== 'task' || typeof name !== 'string' || !chosen.has(name)) return;
    if (part !== 'result' && part !== 'status')
      return refuse(`The rest reads more of ${name} than its result or status.`);
    readOutside.set(name, (readOutside.get(name) ?? new Set()).add(part));
  });
  let leaving = exits.transitions;
  for (const [name, parts] of readOutside) {
    for (const part of parts) {
      const key = part === 'result' ? name : `${name}_${part}`;
      output[key] = `{{ ${member('task', name)}.${part} }}`;
      const to = member(`${member('task', task)}.result`, key);
      rest = replacePaths(rest, ['task', name, part], to, missed);
      leaving = replacePaths(leaving, ['task', name, part], to, missed);
    }
  }
  const published = [...written].filter((name) => variablesOutside.has(name));
  for (const name of published) {
    const key = Object.hasOwn(output, name) ? `${name}_variable` : name;
    output[key] = `{{ ${member('workflow', name)} }}`;
    leaving = publishing(leaving, name, `{{ ${member('result()', key)} }}`);
  }
  if (published.length > 0 && exits.hasFailure)
    notes.push(`When it fails, ${published.join(', ')} keep their values from before.`);
  if (reasons.length > 0) return { isPossible: false, reasons };

  const join = entries.length === 1 ? entries[0]?.join : undefined;
  const call: Task = {
    name: task,
    action: ref,
    ...(Object.keys(input).length > 0 ? { input } : {}),
    ...(join === undefined ? {} : { join }),
    next: leaving,
  };
  const entered = new Set(entries.map(({ name }) => name));
  const place = definition.tasks.findIndex(({ name }) => chosen.has(name));
  const before = definition.tasks.slice(0, place).filter(({ name }) => !chosen.has(name)).length;
  return {
    isPossible: true,
    task,
    notes: [...new Set(notes)],
    definition: {
      ...rest,
      tasks: rest.tasks.map((one) => leadingTo(one, entered, task)).toSpliced(before, 0, call),
    },
    extracted: {
      ...(Object.keys(parameters).length > 0 ? { parameters: toJsonSchema(parameters) } : {}),
      ...(Object.keys(vars).length > 0 ? { vars } : {}),
      tasks: extractedTasks.map((one) => (entered.has(one.name) ? withoutJoin(one) : one)),
      ...(Object.keys(output).length > 0 ? { output_map: output } : {}),
    },
  };
}

/** Where the selection begins: at the one task that the rest leads to, or at those to which nothing leads. */
function entriesOf(
  inside: readonly Task[],
  outside: readonly Task[],
  chosen: ReadonlySet<string>,
  refuse: (reason: string) => void,
): Task[] {
  const within = new Set(inside.flatMap(({ next }) => next.flatMap((transition) => transition.do)));
  const led = new Set(
    outside
      .flatMap(({ next }) => next.flatMap((transition) => transition.do))
      .filter((name) => chosen.has(name)),
  );
  const free = inside.filter(({ name }) => !within.has(name) && !led.has(name));
  const entries = led.size > 0 ? inside.filter(({ name }) => led.has(name)) : free;
  if (led.size > 1)
    refuse(`It is entered at several tasks: ${[...led].join(', ')}. Choose what lies between, too.`);
  if (led.size > 0 && free.length > 0)
    refuse(`${free.map(({ name }) => name).join(', ')} would begin with the run, and the rest of it later.`);
  if (entries.some(({ name }) => within.has(name)))
    refuse(
      `A loop within it leads back to where it is entered: ${entries.map(({ name }) => name).join(', ')}.`,
    );
  if (entries.length === 0) refuse('It has no beginning: it is a loop.');
  return entries;
}

/** What leaves the selection, as transitions of the task that takes its place. */
function exitsOf(
  inside: readonly Task[],
  chosen: ReadonlySet<string>,
  refuse: (reason: string) => void,
): { transitions: Transition[]; hasFailure: boolean } {
  const leaving = inside.flatMap((one) =>
    one.next.flatMap((transition) => {
      const targets = transition.do.filter((target) => !chosen.has(target) && !target.startsWith('$'));
      if (targets.length === 0) return [];
      if (targets.length < transition.do.length)
        refuse(`A transition of ${one.name} leads into it and out of it at once: make two of it.`);
      return [{ task: one.name, transition }];
    }),
  );
  const failures = leaving.filter(({ transition }) => transition.when === failure && !transition.publish);
  const others = leaving.filter((one) => !failures.includes(one));
  const sources = new Set(others.map(({ task }) => task));
  if (sources.size > 1)
    refuse(`It is left from several tasks: ${[...sources].join(', ')}. Choose what follows them, too.`);
  for (const { task, transition } of others) {
    const end = inside.find(({ name }) => name === task);
    if (end?.next.some(({ do: targets }) => targets.some((target) => chosen.has(target))))
      refuse(`${task} leads on within it as well as out of it.`);
    if (speaksOfResult(transition))
      refuse(`A transition that leaves ${task} reads result(): set a variable with it, and read that.`);
  }
  const targets = failures.map(({ transition }) => transition.do.join());
  if (new Set(targets).size > 1) refuse('Its failures lead to different places.');
  const plain = failures[0];
  return {
    transitions: [...others, ...(plain ? [plain] : [])].map(({ transition }) => transition),
    hasFailure: plain !== undefined,
  };
}

function speaksOfResult(transition: Transition): boolean {
  const texts = [transition.when ?? '', JSON.stringify(transition.publish ?? '')];
  return texts.some((text) => /\bresult\s*\(/.test(text));
}

/** The task with only the transitions that stay within the selection; a publishing one keeps what it sets. */
function within(task: Task, chosen: ReadonlySet<string>): Task {
  return {
    ...task,
    next: task.next.flatMap((transition) => {
      const targets = transition.do.filter((target) => chosen.has(target) || target.startsWith('$'));
      const isWhole = targets.length === transition.do.length;
      if (isWhole || targets.length > 0) return [{ ...transition, do: targets }];
      return [];
    }),
  };
}

function publishedBy(transition: Transition): string[] {
  return (transition.publish ?? []).flatMap((entry) => Object.keys(entry));
}

/** What is known of a run's end is set first, on every way out of it that is no failure. */
function publishing(transitions: readonly Transition[], name: string, value: string): Transition[] {
  const open = transitions.filter(({ when }) => when !== failure);
  if (open.length === 0) return [{ when: success, publish: [{ [name]: value }], do: [] }, ...transitions];
  return transitions.map((transition) =>
    transition.when === failure
      ? transition
      : { ...transition, publish: [{ [name]: value }, ...(transition.publish ?? [])] },
  );
}

function leadingTo(task: Task, entered: ReadonlySet<string>, to: string): Task {
  return {
    ...task,
    next: task.next.map((transition) => ({
      ...transition,
      do: [...new Set(transition.do.map((target) => (entered.has(target) ? to : target)))],
    })),
  };
}

function withoutJoin({ join: _, ...task }: Task): Task {
  return task;
}

function member(path: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

/** Names of parameters: each thing one of its own. */
class Names {
  private readonly taken = new Map<string, string>();

  take(thing: string, wished: string): string {
    const known = this.taken.get(thing);
    if (known !== undefined) return known;
    const used = new Set(this.taken.values());
    let name = wished.replaceAll(/\W/g, '_');
    for (let number = 2; used.has(name); number += 1) name = `${wished}_${number}`;
    this.taken.set(thing, name);
    return name;
  }
}
