ALTER TABLE lead ADD COLUMN record_id text;
ALTER TABLE lead ADD COLUMN record_version text;
ALTER TABLE lead ADD COLUMN record_fields text NOT NULL DEFAULT '{}';
ALTER TABLE lead ADD COLUMN deliver_at bigint;
ALTER TABLE lead ADD COLUMN delivery_failures bigint NOT NULL DEFAULT 0;
ALTER TABLE lead ADD COLUMN delivery_problem text;
ALTER TABLE lead ADD COLUMN left_in text;
CREATE UNIQUE INDEX lead_record ON lead (record_id) WHERE left_in IS NULL;
CREATE INDEX lead_to_deliver ON lead (deliver_at, id) WHERE deliver_at IS NOT NULL;
CREATE TABLE crm_worker (
  id bigint PRIMARY KEY,
  holder text NOT NULL,
  leased_until bigint NOT NULL,
  paused_until bigint NOT NULL DEFAULT 0,
  problem text,
  problem_at bigint
);
INSERT INTO crm_worker (id, holder, leased_until) VALUES (1, '', 0);
CREATE INDEX submission_on_its_way ON submission (lead_id) WHERE reason_code = 'delivering';
