'use client';

import { useMemo, type ReactNode } from 'react';
import type { Definition } from '@/engine/definition/schema';
import { ConcurrencyFields } from '../concurrency/concurrency-fields';
import { ExpressionField } from '../code/expression-field';
import { readMixed, writeMixed } from '../schema-form/field-kind';
import { studio } from '../strings/studio';
import { NameRows } from './name-rows';
import { ParameterRows } from './parameter-rows';
import { problemsAt } from './problems-at';
import { useStudio } from './studio-context';
import { useScope } from './use-scope';
import { AboutFields, WholeRunFields } from './whole-run-fields';

const strings = studio.workflow;

/** The workflow itself, shown while no task is chosen: parameters, variables, output, limits, and what holds for a whole run. */
export function WorkflowInspector() {
  const { workflow, draft, problems, readOnly, editDefinition } = useStudio();
  const { definition } = draft;
  const scope = useScope(null, true);
  // Variables have their first values before any task runs.
  const varsScope = useMemo(
    () => ({ ...scope, names: scope.names.filter(({ kind }) => kind !== 'task' && kind !== 'variable') }),
    [scope],
  );
  // A limit is counted before anything has run.
  const keyScope = useMemo(
    () => ({ ...scope, names: scope.names.filter(({ kind }) => kind === 'parameter') }),
    [scope],
  );
  const errors = useMemo(() => problemsAt(problems, null, ''), [problems]);
  const set = (part: Partial<Record<keyof Definition, unknown>>, field: string) =>
    editDefinition(
      studio.steps.workflow,
      (before) => clean({ ...before, ...part }) as unknown as Definition,
      `workflow ${field}`,
    );
  return (
    <div className="h-full space-y-6 overflow-y-auto p-4">
      <header className="space-y-1">
        <p className="text-xs text-text-2">{strings.title}</p>
        <h2 className="text-base font-semibold">{workflow.label}</h2>
        <p className="font-mono text-xs text-text-2">{workflow.ref}</p>
        {workflow.description ? <p className="text-sm text-text-2">{workflow.description}</p> : null}
      </header>
      <Part
        field="parameters"
        title={strings.parameters}
        hint={strings.parametersHint}
        error={errors['parameters']}
      >
        <ParameterRows
          schema={definition.parameters ?? {}}
          readOnly={readOnly}
          onChange={(parameters, field) => set({ parameters }, `parameters ${field}`)}
        />
      </Part>
      <Part field="vars" title={strings.variables} hint={strings.variablesHint} error={errors['vars']}>
        <NameRows
          entries={definition.vars ?? {}}
          readOnly={readOnly}
          rowLabel={strings.variable}
          addLabel={strings.addVariable}
          newName="variable"
          newValue=""
          onChange={(vars, field) =>
            set({ vars: Object.keys(vars).length > 0 ? vars : undefined }, `vars ${field}`)
          }
        >
          {(name, value, setValue) => (
            <ExpressionField
              label={`${strings.value}: ${strings.variable(name)}`}
              value={writeMixed(value)}
              onChange={(text) => setValue(readMixed(text, {}) ?? '')}
              scope={varsScope}
              readOnly={readOnly}
              invalid={errors[`vars.${name}`] !== undefined}
            />
          )}
        </NameRows>
      </Part>
      <Part field="output_map" title={strings.output} hint={strings.outputHint} error={errors['output_map']}>
        <NameRows
          entries={definition.output_map ?? {}}
          readOnly={readOnly}
          rowLabel={strings.outputEntry}
          addLabel={strings.addOutput}
          newName="output"
          newValue=""
          onChange={(entries, field) =>
            set({ output_map: Object.keys(entries).length > 0 ? entries : undefined }, `output ${field}`)
          }
        >
          {(name, value, setValue) => (
            <ExpressionField
              label={`${strings.value}: ${strings.outputEntry(name)}`}
              value={writeMixed(value)}
              onChange={(text) => setValue(readMixed(text, {}) ?? '')}
              scope={scope}
              readOnly={readOnly}
              invalid={errors[`output_map.${name}`] !== undefined}
            />
          )}
        </NameRows>
      </Part>
      <WholeRunFields definition={definition} errors={errors} readOnly={readOnly} set={set} />
      <ConcurrencyFields
        value={definition.concurrency ?? null}
        onChange={(concurrency, field) => set({ concurrency: concurrency ?? undefined }, field)}
        errors={errors}
        readOnly={readOnly}
        scope={keyScope}
      />
      <AboutFields definition={definition} errors={errors} readOnly={readOnly} set={set} />
    </div>
  );
}

function Part({
  field,
  title,
  hint,
  error,
  children,
}: {
  field: string;
  title: string;
  hint: string;
  error: string | undefined;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} data-field={field} className="space-y-2">
      <div>
        <h3 className="text-sm font-semibold">{title}</h3>
        <p className="text-xs text-text-2">{hint}</p>
      </div>
      {children}
      {error ? <p className="text-xs text-danger">{error}</p> : null}
    </section>
  );
}

function clean(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
