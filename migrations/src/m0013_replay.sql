ALTER TABLE submission ADD COLUMN chosen text;
ALTER TABLE submission ADD COLUMN chosen_lead_id bigint;
ALTER TABLE submission ADD COLUMN leave_out boolean NOT NULL DEFAULT FALSE;
ALTER TABLE submission ADD COLUMN decision_note text NOT NULL DEFAULT '';
ALTER TABLE submission ADD COLUMN replay_id bigint;
ALTER TABLE attempt ADD COLUMN replay_id bigint;
CREATE TABLE replay (
  id {id},
  started_at bigint NOT NULL,
  actor text NOT NULL,
  wanted text NOT NULL,
  submissions bigint NOT NULL
);
CREATE INDEX submission_review ON submission (submitted_at, id)
  WHERE due_at IS NULL AND matching_status - 192350003 BETWEEN 0 AND 2;
CREATE INDEX submission_reason ON submission (reason_code, submitted_at, id) WHERE reason_code <> '';
CREATE INDEX submission_replay ON submission (replay_id) WHERE replay_id IS NOT NULL;
CREATE INDEX attempt_replay ON attempt (replay_id, outcome) WHERE replay_id IS NOT NULL;
