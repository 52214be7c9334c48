-- What an execution brought about is known as such (docs/adr/0023), so that a rule which leads to itself can be stopped.
ALTER TABLE "event" ADD COLUMN "execution_id" BIGINT;
