import { z } from 'zod';

const megabyte = 2 ** 20;
const units: Record<string, number> = { '': 1, k: 2 ** 10, m: megabyte, g: 2 ** 30 };

/** A size in bytes, or as text such as 512m. */
const Memory = z.preprocess(
  (written) => {
    if (typeof written !== 'string') return written;
    const read = /^(\d{1,12})\s*([kmg]?)i?b?$/i.exec(written.trim());
    return read ? Number(read[1]) * (units[(read[2] ?? '').toLowerCase()] ?? NaN) : written;
  },
  z
    .number('must be a number of bytes, or a text such as 512m')
    .int()
    .min(16 * megabyte)
    .max(1024 * 2 ** 30),
);

/** An image's name as registries know it; never an option of the program that starts it. */
const Image = z
  .string()
  .max(500)
  .regex(/^[a-z\d][\w.\-/:@]*$/i, 'must be the name of an image, such as docker.io/library/alpine:3.22');

/** What a container action declares: the image and what may be used of the machine. */
export const ContainerSpec = z.strictObject({
  image: Image,
  command: z
    .array(z.string().max(10_000))
    .max(100)
    .default([])
    .describe('What runs in it (Default: what the image says)'),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_]\w{0,200}$/, 'must be a name of letters, digits and _'),
      z.union([
        z
          .string()
          .max(10_000)
          .regex(/^[^\r\n\0]*$/, 'must be one line'),
        z.number(),
        z.boolean(),
      ]),
    )
    .default({})
    .describe('Variables; never a secret: those come with the parameters'),
  memory: Memory.default(512 * megabyte).describe('Bytes, or a text such as 512m (Default: 512m)'),
  cpus: z.number().min(0.01).max(1024).default(1).describe('Processors (Default: 1)'),
  pids: z.number().int().min(1).max(100_000).default(256).describe('Processes (Default: 256)'),
  network: z.enum(['on', 'none']).default('on').describe('none: it has no network (Default: on)'),
});
export type ContainerSpec = z.infer<typeof ContainerSpec>;
