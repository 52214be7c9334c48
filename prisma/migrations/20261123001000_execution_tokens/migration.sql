-- As what an action may call the API (docs/adr/0019), and what its process gets beside that.

ALTER TABLE "action" ADD COLUMN "default_permission_set_refs" TEXT[] NOT NULL DEFAULT '{}';

-- On the root: what was asked for with the request, and holds for its whole tree. Null: the actions' own.
ALTER TABLE "execution" ADD COLUMN "permission_set_refs" TEXT[];
ALTER TABLE "execution" ADD COLUMN "env_vars" JSON;
