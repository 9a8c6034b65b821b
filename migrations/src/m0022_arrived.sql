ALTER TABLE attempt ADD COLUMN arrived_at bigint;
ALTER TABLE attempt ADD COLUMN request_id text;
ALTER TABLE crm_worker ADD COLUMN schema_version text NOT NULL DEFAULT '';
