ALTER TABLE submission ADD COLUMN owner_id bigint;
UPDATE submission SET owner_id = CASE WHEN lead_id IS NULL
  THEN (SELECT COALESCE(a.default_owner_id, (SELECT p.owner_id FROM user_profile p WHERE p.id = submission.profile_id))
    FROM linked_account a WHERE a.id = submission.account_id)
  ELSE (SELECT l.owner_id FROM lead l WHERE l.id = submission.lead_id) END;
CREATE INDEX submission_owner ON submission (owner_id, submitted_at, id);
