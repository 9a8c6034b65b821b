ALTER TABLE person ADD COLUMN totp_secret {blob};
ALTER TABLE person ADD COLUMN totp_confirmed_at bigint;
ALTER TABLE person ADD COLUMN totp_used_step bigint NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN oidc_subject text;
CREATE UNIQUE INDEX person_oidc_subject ON person (oidc_subject);
CREATE TABLE recovery_code (
  person_id bigint NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  hash text NOT NULL,
  used_at bigint,
  PRIMARY KEY (person_id, hash)
);
CREATE TABLE sign_in_link (
  id {id},
  person_id bigint NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind text NOT NULL,
  hash text NOT NULL UNIQUE,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_at bigint
);
CREATE INDEX sign_in_link_person ON sign_in_link (person_id);
ALTER TABLE session ADD COLUMN half boolean NOT NULL DEFAULT FALSE;
ALTER TABLE session ADD COLUMN seen_at bigint NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN address text;
ALTER TABLE session ADD COLUMN browser text;

CREATE TABLE api_token (
  id {id},
  name text NOT NULL,
  role text NOT NULL,
  hash text NOT NULL UNIQUE,
  person_id bigint,
  created_by text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint
);
CREATE TABLE idempotent_answer (
  token_id bigint NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
  key text NOT NULL,
  request_hash text NOT NULL,
  status integer,
  answer {blob},
  created_at bigint NOT NULL,
  PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotent_answer_created ON idempotent_answer (created_at);

CREATE TABLE audit_event (
  id {id},
  at bigint NOT NULL,
  actor_kind text NOT NULL,
  actor_id bigint,
  actor_name text NOT NULL,
  action text NOT NULL,
  noun text NOT NULL,
  noun_id bigint,
  noun_name text NOT NULL,
  before text,
  after text,
  address text,
  hash text NOT NULL
);
CREATE INDEX audit_event_recent ON audit_event (at, id);
CREATE INDEX audit_event_action ON audit_event (action, at, id);
CREATE INDEX audit_event_actor ON audit_event (actor_kind, actor_id, at, id);
CREATE INDEX audit_event_noun ON audit_event (noun, at, id);
CREATE INDEX audit_event_thing ON audit_event (noun, noun_id, at, id);
