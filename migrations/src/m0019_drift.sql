CREATE TABLE form_change (
  id {id},
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  linkedin_id bigint NOT NULL,
  from_version bigint,
  to_version bigint NOT NULL,
  kind text NOT NULL,
  before_id bigint,
  after_id bigint,
  before_asked text,
  after_asked text,
  option_before text,
  option_after text,
  affects boolean NOT NULL,
  note text NOT NULL,
  noticed_at bigint NOT NULL,
  done_at bigint,
  done_by text
);
CREATE INDEX form_change_list ON form_change (noticed_at, id);
CREATE INDEX form_change_form ON form_change (account_id, linkedin_id, to_version);
CREATE INDEX form_change_open ON form_change (noticed_at, id) WHERE done_at IS NULL;
INSERT INTO form_change (account_id, linkedin_id, to_version, kind, affects, note, noticed_at, done_at, done_by)
  SELECT account_id, linkedin_id, MAX(version), 'new_form', FALSE, '', MAX(created_at), MAX(created_at), 'S2S Inbound'
  FROM form GROUP BY account_id, linkedin_id;
