-- How an action's code gets its parameters: on stdin or in a file, and in which form.

ALTER TABLE "action" ADD COLUMN "parameter_delivery" TEXT NOT NULL DEFAULT 'stdin';
ALTER TABLE "action" ADD COLUMN "parameter_format" TEXT NOT NULL DEFAULT 'json';
ALTER TABLE "action" ADD CONSTRAINT "action_parameter_delivery_is_known" CHECK ("parameter_delivery" IN ('stdin', 'file'));
ALTER TABLE "action" ADD CONSTRAINT "action_parameter_format_is_known" CHECK ("parameter_format" IN ('json', 'yaml', 'dotenv'));
