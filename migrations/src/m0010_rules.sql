ALTER TABLE field_mapping ADD COLUMN form_linkedin_id bigint;
ALTER TABLE field_mapping ADD COLUMN steps text NOT NULL DEFAULT '[]';
ALTER TABLE field_mapping ADD COLUMN too_long text NOT NULL DEFAULT 'cut';
