-- What a pack says that it needs: kept and given back, and so far without effect.
ALTER TABLE "pack" ADD COLUMN "dependencies" TEXT[] NOT NULL DEFAULT '{}';
ALTER TABLE "pack" ADD COLUMN "runtime_deps" TEXT[] NOT NULL DEFAULT '{}';
