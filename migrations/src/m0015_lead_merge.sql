ALTER TABLE lead ADD COLUMN merged_into_id bigint REFERENCES lead (id);
CREATE INDEX lead_merged ON lead (merged_into_id) WHERE merged_into_id IS NOT NULL;
ALTER TABLE lead_edit ADD COLUMN kind text NOT NULL DEFAULT 'edited';
ALTER TABLE lead_edit ADD COLUMN about_id bigint;
CREATE TABLE lead_merge (
  id {id},
  survivor_id bigint NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
  merged_id bigint NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
  at bigint NOT NULL,
  actor text NOT NULL,
  images text NOT NULL,
  undone_at bigint
);
CREATE INDEX lead_merge_survivor ON lead_merge (survivor_id, id);
CREATE INDEX lead_merge_merged ON lead_merge (merged_id);
CREATE TABLE lead_merge_submission (
  merge_id bigint NOT NULL REFERENCES lead_merge (id) ON DELETE CASCADE,
  submission_id bigint NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
  PRIMARY KEY (merge_id, submission_id)
);
CREATE INDEX lead_merge_submission_submission ON lead_merge_submission (submission_id);
