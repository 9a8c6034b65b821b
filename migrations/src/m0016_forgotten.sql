CREATE TABLE forgotten_submission (
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  linkedin_id text NOT NULL,
  forgotten_at bigint NOT NULL,
  PRIMARY KEY (account_id, linkedin_id)
);
