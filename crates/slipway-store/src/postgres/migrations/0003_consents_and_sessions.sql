-- What users granted to clients, and sign-ins that go on.

CREATE TABLE consents (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    client_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'client')) STORED,
    user_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'user')) STORED
);
CREATE INDEX consents_by_user ON consents (user_id);

CREATE TABLE sessions (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    expiry_key bytea,
    client_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'client')) STORED,
    user_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'user')) STORED,
    signed_in_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'signedInAt') STORED,
    expires_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'expiresAt') STORED
);
CREATE INDEX sessions_by_expiry_key ON sessions (expiry_key);
CREATE INDEX sessions_by_user ON sessions (user_id);
