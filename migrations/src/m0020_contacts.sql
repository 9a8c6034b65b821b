ALTER TABLE matching_strategy ADD COLUMN contacts text NOT NULL DEFAULT 'none';
