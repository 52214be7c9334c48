import { defineConfig } from 'prisma/config';

// `npm run prisma` sets DATABASE_URL; generating and building need the address only to be complete.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://nobody@127.0.0.1:1/none' },
});
