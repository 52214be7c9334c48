/** Definitions of any size, each with something that a careless check would compare with everything else. */
export const shapes: Record<string, (place: number, count: number) => object> = {
  'a chain': (place) => ({
    name: `t${place}`,
    action: 'x.do',
    input: { a: '{{ parameters.x }}', b: `{{ task.t${place - 1}.result }}` },
    next: [{ do: [`t${place + 1}`] }],
  }),
  'a ring': (place, count) => ({ name: `t${place}`, action: 'x.do', on_success: `t${(place + 1) % count}` }),
  'one task that all depend on': (place) => ({
    name: `t${place}`,
    action: 'x.do',
    depends_on: place === 0 ? [] : ['t0'],
  }),
  'one join of all': (place) => ({
    name: `t${place}`,
    action: 'x.do',
    ...(place ? { on_success: 't0' } : { join: 'all' }),
  }),
  'names that are all wrong': (place) => ({
    name: `task_${place}`,
    action: `x.othr_${place}`,
    inputs: 1,
    depends_on: [`tsk_${place}`],
    input: { z: `{{ task.tesk_${place}.result ~ parametres | upperr }}` },
    next: [{ do: [`tosk_${place}`] }],
  }),
  'the same name again and again': () => ({ name: 'same', action: 'x.do', on_success: ['same', 'same'] }),
  'variables of two writers each': (place, count) => ({
    name: `t${place}`,
    action: 'x.do',
    next: [{ publish: [{ [`v${place % (count / 2)}`]: 1 }], do: [`t${place + 1}`] }],
  }),
};
