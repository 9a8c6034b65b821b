CREATE TABLE person (
  id {id},
  email text NOT NULL,
  email_key text NOT NULL UNIQUE,
  name text NOT NULL,
  password_hash text NOT NULL,
  administrator boolean NOT NULL,
  salesperson boolean NOT NULL,
  disabled boolean NOT NULL,
  created_at bigint NOT NULL,
  signed_in_at bigint
);
CREATE TABLE session (
  id text PRIMARY KEY,
  person_id bigint REFERENCES person (id) ON DELETE CASCADE,
  data text NOT NULL,
  begun_at bigint NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expires ON session (expires_at);
CREATE TABLE setting (
  name text PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE user_profile (
  id {id},
  owner_id bigint NOT NULL REFERENCES person (id),
  name text NOT NULL,
  member_name text,
  member_id text,
  state text NOT NULL,
  status_detail text,
  scopes text NOT NULL,
  access_token {blob},
  access_expires_at bigint,
  refresh_token {blob},
  refresh_expires_at bigint,
  grant_version bigint NOT NULL,
  granted_at bigint,
  refresh_lease bigint NOT NULL,
  authorized_at bigint,
  confirmed_at bigint,
  confirmed_crm text,
  discovered_at bigint,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL
);
CREATE INDEX user_profile_owner ON user_profile (owner_id);

CREATE TABLE linked_account (
  id {id},
  urn text NOT NULL UNIQUE,
  kind text NOT NULL,
  name text NOT NULL,
  linkedin_status text,
  currency text,
  test boolean NOT NULL,
  organization_urn text,
  organization_name text,
  sync_enabled boolean NOT NULL,
  default_owner_id bigint REFERENCES person (id),
  form_sync_status text NOT NULL,
  campaign_sync_status text NOT NULL,
  sync_state text NOT NULL,
  status_detail text,
  forms_synced_at bigint,
  campaigns_synced_at bigint,
  last_started_at bigint,
  last_finished_at bigint,
  sync_requested_at bigint,
  not_before bigint NOT NULL,
  failures integer NOT NULL,
  lease_holder text,
  lease_until bigint NOT NULL,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL
);
CREATE TABLE profile_account (
  profile_id bigint NOT NULL REFERENCES user_profile (id) ON DELETE CASCADE,
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  role text,
  chosen boolean NOT NULL,
  PRIMARY KEY (profile_id, account_id)
);
CREATE INDEX profile_account_account ON profile_account (account_id);
CREATE TABLE sync_stream (
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  lead_type text NOT NULL,
  pulled_until bigint,
  highest_submitted_at bigint,
  backfill_from bigint,
  backfill_done_at bigint,
  swept_at bigint,
  PRIMARY KEY (account_id, lead_type)
);
CREATE TABLE sync_run (
  id {id},
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  reason text NOT NULL,
  started_at bigint NOT NULL,
  finished_at bigint,
  calls bigint NOT NULL,
  received bigint NOT NULL,
  added bigint NOT NULL,
  outcome text NOT NULL,
  detail text
);
CREATE INDEX sync_run_account ON sync_run (account_id, id);

CREATE TABLE form (
  id {id},
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  linkedin_id bigint NOT NULL,
  version bigint NOT NULL,
  current boolean NOT NULL,
  name text NOT NULL,
  state text,
  review_status text,
  headline text,
  description text,
  thank_you text,
  landing_page_url text,
  privacy_policy_url text,
  locale text,
  questions text NOT NULL,
  raw text NOT NULL,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL,
  UNIQUE (account_id, linkedin_id, version)
);
CREATE INDEX form_list ON form (name, id) WHERE current;
CREATE TABLE campaign (
  id {id},
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  linkedin_id bigint NOT NULL,
  name text NOT NULL,
  campaign_type text,
  objective text,
  linkedin_status text,
  starts_at bigint,
  ends_at bigint,
  raw text NOT NULL,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL,
  UNIQUE (account_id, linkedin_id)
);
CREATE INDEX campaign_list ON campaign (name, id);

CREATE TABLE matching_strategy (
  id {id},
  name text NOT NULL,
  position bigint NOT NULL,
  active boolean NOT NULL,
  fields text NOT NULL,
  always_create boolean NOT NULL,
  contact_creation boolean NOT NULL,
  several text NOT NULL,
  partial text NOT NULL,
  closed text NOT NULL,
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL
);
CREATE TABLE field_mapping (
  id {id},
  position bigint NOT NULL,
  source_kind text NOT NULL,
  source_key text NOT NULL,
  lead_field text NOT NULL,
  policy text NOT NULL,
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL
);

CREATE TABLE lead (
  id {id},
  created_by bigint NOT NULL UNIQUE,
  follows_id bigint REFERENCES lead (id),
  state text NOT NULL,
  owner_id bigint REFERENCES person (id),
  fields text NOT NULL,
  provenance text NOT NULL,
  full_name text NOT NULL,
  email text NOT NULL,
  company text NOT NULL,
  name_key {key} NOT NULL,
  email_key {key} NOT NULL,
  company_key {key} NOT NULL,
  lead_source text NOT NULL,
  first_form_id bigint,
  latest_form_id bigint,
  first_campaign_id bigint,
  latest_campaign_id bigint,
  submission_count bigint NOT NULL,
  latest_submitted_at bigint NOT NULL,
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL
);
CREATE INDEX lead_recent ON lead (latest_submitted_at, id);
CREATE INDEX lead_name ON lead (name_key, id);
CREATE INDEX lead_email ON lead (email_key, id);
CREATE INDEX lead_company ON lead (company_key, id);
CREATE INDEX lead_modified ON lead (modified_at, id);
CREATE INDEX lead_state ON lead (state, latest_submitted_at, id);
CREATE INDEX lead_owner ON lead (owner_id, latest_submitted_at, id);
CREATE INDEX lead_form ON lead (first_form_id, latest_submitted_at, id);
CREATE INDEX lead_campaign ON lead (first_campaign_id, latest_submitted_at, id);
CREATE TABLE lead_key (
  field text NOT NULL,
  value text NOT NULL,
  lead_id bigint NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
  PRIMARY KEY (field, value, lead_id)
);
CREATE INDEX lead_key_lead ON lead_key (lead_id);

CREATE TABLE submission (
  id {id},
  account_id bigint NOT NULL REFERENCES linked_account (id) ON DELETE CASCADE,
  linkedin_id text NOT NULL,
  revision bigint NOT NULL,
  lead_type text NOT NULL,
  test boolean NOT NULL,
  submitted_at bigint NOT NULL,
  received_at bigint NOT NULL,
  received_by text NOT NULL,
  profile_id bigint,
  form_linkedin_id bigint,
  form_version bigint,
  form_id bigint,
  campaign_id bigint,
  campaign_linkedin_id bigint,
  creative_urn text,
  person_name text NOT NULL,
  person_key {key} NOT NULL,
  person_email {key} NOT NULL,
  answers text NOT NULL,
  raw text NOT NULL,
  malformed text,
  matching_status bigint NOT NULL,
  processing_state bigint NOT NULL,
  reason_code text NOT NULL,
  reason text NOT NULL,
  lead_id bigint REFERENCES lead (id),
  attempts bigint NOT NULL,
  due_at bigint,
  processed_at bigint,
  UNIQUE (account_id, linkedin_id)
);
CREATE INDEX submission_due ON submission (submitted_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX submission_email ON submission (person_email, submitted_at, id);
CREATE INDEX submission_name ON submission (person_key, id);
CREATE INDEX submission_recent ON submission (submitted_at, id);
CREATE INDEX submission_test ON submission (submitted_at, id) WHERE test;
CREATE INDEX submission_type ON submission (lead_type, submitted_at, id);
CREATE INDEX submission_account ON submission (account_id, submitted_at, id);
CREATE INDEX submission_form ON submission (form_linkedin_id, submitted_at, id);
CREATE INDEX submission_campaign ON submission (campaign_id, submitted_at, id);
CREATE INDEX submission_status ON submission (matching_status, submitted_at, id);
CREATE INDEX submission_state ON submission (processing_state, submitted_at, id);
CREATE INDEX submission_lead ON submission (lead_id, submitted_at, id);

CREATE TABLE attempt (
  id {id},
  submission_id bigint NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
  number bigint NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL,
  outcome text NOT NULL,
  reason_code text NOT NULL,
  reason text NOT NULL,
  lead_id bigint REFERENCES lead (id),
  trace text NOT NULL,
  changes text NOT NULL,
  UNIQUE (submission_id, number)
);
CREATE INDEX attempt_lead ON attempt (lead_id, id);
