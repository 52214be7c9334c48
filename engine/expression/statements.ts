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
          const branch = statement.branches.find(({ test }) => isTruthy(evaluator.evaluate(test), evaluator));
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
      if (!(holder instanceof Slots) || !(holder.slots instanceof Map))
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
    const slots = new LoopSlots(kept, depth);
    const loop = new Slots('loop', slots, this.methodsOf(statement, slots, depth));
    for (const [index, entry] of kept.entries()) {
      evaluator.spend(1);
      // An outer loop stays where it is while an inner one goes on, so that one pair of slots is enough for each.
      slots.index = index;
      this.within(new Map<string, Value>([['loop', loop]]), () => {
        evaluator.place = statement.place;
        this.assign(statement.target, entry);
        this.run(statement.body, write);
      });
    }
    this.loops -= 1;
  }

  private methodsOf(
    statement: Loop,
    slots: LoopSlots,
    depth: number,
  ): ReadonlyMap<string, (positional: Value[]) => Value> {
    let seen: Value[] | null = null;
    const methods = new Map<string, (positional: Value[]) => Value>([
      ['cycle', (values) => values[slots.index % values.length] ?? null],
      [
        'changed',
        (values) => {
          const isSame = seen !== null && isEqual(seen, values, this.evaluator);
          seen = values;
          return !isSame;
        },
      ],
    ]);
    if (statement.isRecursive) methods.set('', ([inner = null]) => this.again(statement, inner, depth + 1));
    return methods;
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
      isKept = statement.filter === null || isTruthy(evaluator.evaluate(statement.filter), evaluator);
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

/** What `loop` knows of the turn that it is at. */
class LoopSlots {
  index = 0;

  constructor(
    private readonly entries: readonly Value[],
    private readonly depth: number,
  ) {}

  get(name: string): Value | undefined {
    const { entries, index, depth } = this;
    const last = entries.length - 1;
    switch (name) {
      case 'index':
        return index + 1;
      case 'index0':
        return index;
      case 'revindex':
        return last - index + 1;
      case 'revindex0':
        return last - index;
      case 'first':
        return index === 0;
      case 'last':
        return index === last;
      case 'length':
        return entries.length;
      case 'depth':
        return depth + 1;
      case 'depth0':
        return depth;
      case 'previtem':
        return entries[index - 1] ?? new Missing('loop.previtem');
      case 'nextitem':
        return entries[index + 1] ?? new Missing('loop.nextitem');
      default:
        return undefined;
    }
  }
}
