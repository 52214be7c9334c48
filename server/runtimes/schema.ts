import { z } from 'zod';

/** The name of a program, or its path; no part of it leads elsewhere. */
const Program = z
  .string()
  .max(400)
  .refine(
    (path) => /^\/?[\w.+@-]+(\/[\w.+@-]+)*$/.test(path) && !path.split('/').includes('..'),
    'must be the name of a program, such as ruby, or its path',
  );
const Argument = z
  .string()
  .max(1_000)
  .refine((text) => !text.includes('\0'), 'must not hold a NUL');

/** A program with its first arguments: the file to run follows them. */
export const Interpreter = z.preprocess(
  (written) => (typeof written === 'string' ? written.trim().split(/\s+/) : written),
  z
    .tuple([Program], Argument, 'must be a program, such as ruby or [ruby, -W0]')
    .refine((parts) => parts.length <= 20, 'at most 20 parts'),
);
export type Interpreter = z.infer<typeof Interpreter>;
