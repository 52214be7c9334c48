import type { Call, Statement, Target } from './ast';
import { isEqual } from './compare';
import type { Evaluator, Frame } from './evaluator';
import { EvaluationFault } from './expression-error';
import { printValue } from './text';
import { Missing, Slots, isTruthy, type Value } from './value';

type Loop = Extract<Statement, { kind: 'for' }>;
type Write = (text: string) => void;

const deepestLoop = 64;

/** Runs a template and gives its text. @throws EvaluationFault */
export function runTemplate(statements: readonly Statement[], evaluator: Evaluator): string {
  return new Runner(evaluator).text(statements);
}

class Runner {
  private loops = 0;

  constructor(private readonly evaluator: Evaluator) {}

  /** The text of some statements, with names of their own. */
  text(statements: readonly Statement[]): string {
    const out: string[] = [];
    let size = 0;
    this.within(new Map(), () =>
      this.run(statements, (text) => {
        size += text.length;
        if (size > this.evaluator.limits.size)
          throw new EvaluationFault(
            'limit',
            `The text would be longer than ${this.evaluator.limits.size} characters.`,
          );
        out.push(text);
      }),
    );
    return out.join('');
  }

  private within(names: Map<string, Value>, work: () => void): void {
    const { evaluator } = this;
    const parent = evaluator.frame;
    evaluator.frame = { names, parent };
    work();
    evaluator.frame = parent;
  }

  private run(statements: readonly Statement[], write: Write): void {
    const { evaluator } = this;
    for (const statement of statements) {
      evaluator.spend(1);
      switch (statement.kind) {
        case 'text':
          write(statement.text);
          break;
        case 'output': {
          const value = evaluator.evaluate(statement.expression);
          evaluator.place = statement.expression.place;
          write(printValue(value, evaluator));
          break;
        }
        case 'if': {
          const branch = statement.branches.find(({ test }) => isTruthy(evaluator.evaluate(test)));
          this.run(branch ? branch.body : statement.otherwise, write);
          break;
        }
        case 'for':
          this.loop(statement, evaluator.evaluate(statement.iterable), 0, write);
          break;
        case 'set': {
          const value = evaluator.evaluate(statement.value);
          evaluator.place = statement.place;
          this.assign(statement.target, value);
          break;
        }
        case 'capture': {
          const value = this.filtered(this.text(statement.body), statement.filters);
          evaluator.place = statement.place;
          this.assign(statement.target, value);
          break;
        }
        case 'with':
          this.within(new Map(), () => {
            const values = statement.assignments.map(({ value }) => evaluator.evaluate(value));
            evaluator.place = statement.place;
            for (const [place, { target }] of statement.assignments.entries())
              this.assign(target, values[place] ?? null);
            this.run(statement.body, write);
          });
          break;
        case 'filtered':
          write(printValue(this.filtered(this.text(statement.body), statement.filters), evaluator));
          break;
      }
    }
  }

  private filtered(text: string, filters: readonly Call[]): Value {
    let value: Value = text;
    for (const { name, args, place } of filters) {
      const [positional, named] = this.evaluator.arguments(args);
      this.evaluator.place = place;
      value = this.evaluator.filter(name, value, positional, named);
    }
    return value;
  }

  private assign(target: Target, value: Value): void {
    const { evaluator } = this;
    if (typeof target === 'string') {
      evaluator.frame?.names.set(target, value);
      return;
    }
    if (!Array.isArray(target)) {
      const holder = find(evaluator.frame, target.namespace);
      if (!(holder instanceof Slots) || holder.kind !== 'namespace')
        throw new EvaluationFault(
          'type',
          `${target.namespace} is no namespace, and values never change.`,
          `Begin with {% set ${target.namespace} = namespace() %}.`,
        );
      holder.slots.set(target.slot, value);
      return;
    }
    const parts = evaluator.iterate(value);
    if (parts.length !== target.length)
      throw new EvaluationFault(
        'type',
        `${target.length} values are needed here, and there are ${parts.length}.`,
      );
    for (const [place, part] of target.entries()) this.assign(part, parts[place] ?? null);
  }

  private loop(statement: Loop, iterable: Value, depth: number, write: Write): void {
    const { evaluator } = this;
    evaluator.place = statement.place;
    this.loops += 1;
    if (this.loops > deepestLoop)
      throw new EvaluationFault('limit', `Loops are nested more than ${deepestLoop} levels deep.`);
    const entries = evaluator.iterate(iterable);
    const kept =
      statement.filter === null ? entries : entries.filter((entry) => this.keeps(statement, entry));
    if (kept.length === 0) this.within(new Map(), () => this.run(statement.otherwise, write));
    let changed: Value[] | null = null;
    const methods = new Map<string, (positional: Value[]) => Value>();
    for (const [index, entry] of kept.entries()) {
      methods.set('cycle', (values) => values[index % values.length] ?? null);
      methods.set('changed', (values) => {
        const isSame = changed !== null && isEqual(changed, values, evaluator);
        changed = values;
        return !isSame;
      });
      if (statement.isRecursive) methods.set('', ([inner = null]) => this.again(statement, inner, depth + 1));
      const names = new Map<string, Value>([
        ['loop', new Slots('loop', slotsOf(kept, index, depth), methods)],
      ]);
      this.within(names, () => {
        evaluator.place = statement.place;
        this.assign(statement.target, entry);
        this.run(statement.body, write);
      });
    }
    this.loops -= 1;
  }

  /** `loop(children)` of a recursive loop: the text of its body for them. */
  private again(statement: Loop, iterable: Value, depth: number): string {
    const out: string[] = [];
    this.loop(statement, iterable, depth, (text) => out.push(text));
    const text = out.join('');
    this.evaluator.allow(text.length);
    return text;
  }

  private keeps(statement: Loop, entry: Value): boolean {
    const { evaluator } = this;
    let isKept = false;
    this.within(new Map(), () => {
      evaluator.place = statement.place;
      this.assign(statement.target, entry);
      isKept = statement.filter === null || isTruthy(evaluator.evaluate(statement.filter));
    });
    return isKept;
  }
}

function find(start: Frame | null, name: string): Value | undefined {
  for (let frame = start; frame !== null; frame = frame.parent) {
    const value = frame.names.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function slotsOf(entries: readonly Value[], index: number, depth: number): Map<string, Value> {
  const last = entries.length - 1;
  return new Map<string, Value>([
    ['index', index + 1],
    ['index0', index],
    ['revindex', last - index + 1],
    ['revindex0', last - index],
    ['first', index === 0],
    ['last', index === last],
    ['length', entries.length],
    ['depth', depth + 1],
    ['depth0', depth],
    ['previtem', entries[index - 1] ?? new Missing('loop.previtem')],
    ['nextitem', entries[index + 1] ?? new Missing('loop.nextitem')],
  ]);
}
