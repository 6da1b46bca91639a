-- Rows of every kind: the key decides where a row stands and in what order rows are listed, the document is the record.
-- Columns that are written besides are what the engine searches by; generated ones are for people, in plain names.
-- A row belongs to the living ones if its generation is its tenant's; views show only those.
--
-- Generated text is cut where its length has no limit of its own, since an index entry has one of 2,704 bytes. Text
-- sorts by its bytes ("C"), so that a new version of the system's collations breaks no index. Unique keys are checked
-- at the end of a transaction, so that they may change hands within one.

CREATE TABLE tenants (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    domain_key bytea CONSTRAINT tenants_domain_is_unique UNIQUE DEFERRABLE INITIALLY DEFERRED,
    id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'id')) STORED,
    display_name text GENERATED ALWAYS AS (document ->> 'displayName') STORED,
    domain text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'domain')) STORED,
    living_generation bigint GENERATED ALWAYS AS ((document ->> 'generation')::bigint) STORED
);

CREATE TABLE users (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    user_principal_name_key bytea
        CONSTRAINT users_user_principal_name_is_unique UNIQUE DEFERRABLE INITIALLY DEFERRED,
    user_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'id')) STORED,
    user_principal_name text COLLATE "C"
        GENERATED ALWAYS AS (left(lower(document ->> 'userPrincipalName'), 320)) STORED,
    display_name text GENERATED ALWAYS AS (document ->> 'displayName') STORED,
    account_enabled boolean GENERATED ALWAYS AS ((document ->> 'accountEnabled')::boolean) STORED
);
CREATE INDEX users_by_id ON users (user_id);
CREATE INDEX users_by_user_principal_name ON users (user_principal_name);

CREATE TABLE clients (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    client_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'id')) STORED,
    display_name text GENERATED ALWAYS AS (document ->> 'displayName') STORED
);

CREATE TABLE apps (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    external_id_key bytea CONSTRAINT apps_external_id_is_unique UNIQUE DEFERRABLE INITIALLY DEFERRED,
    app_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'id')) STORED,
    external_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'externalId')) STORED,
    display_name text GENERATED ALWAYS AS (document ->> 'displayName') STORED,
    distribution_method text GENERATED ALWAYS AS (document ->> 'distributionMethod') STORED,
    published_version text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'published', 256)) STORED,
    incarnation numeric GENERATED ALWAYS AS ((document ->> 'incarnation')::numeric) STORED,
    created_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'createdAt') STORED
);
CREATE INDEX apps_by_id ON apps (app_id);

CREATE TABLE definitions (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    app_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'app')) STORED,
    version text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'version', 256)) STORED,
    display_name text GENERATED ALWAYS AS (document ->> 'displayName') STORED,
    state text GENERATED ALWAYS AS (document ->> 'state') STORED,
    created_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'createdAt') STORED
);
CREATE INDEX definitions_by_app ON definitions (app_id, version);

CREATE TABLE packages (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    app_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'app')) STORED,
    version text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'version', 256)) STORED
);

CREATE TABLE installations (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    app_key bytea,
    user_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'owner')) STORED,
    app_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'app')) STORED,
    incarnation numeric GENERATED ALWAYS AS ((document ->> 'incarnation')::numeric) STORED,
    version text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'version', 256)) STORED,
    installed_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'installedAt') STORED
);
CREATE INDEX installations_by_app_key ON installations (app_key);
CREATE INDEX installations_by_app_and_version ON installations (app_id, version);
CREATE INDEX installations_by_user ON installations (user_id);

CREATE TABLE signing_keys (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    kid text COLLATE "C" GENERATED ALWAYS AS (document ->> 'kid') STORED,
    created_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'createdAt') STORED
);

CREATE TABLE device_grants (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    user_code_key bytea CONSTRAINT device_grants_user_code_is_unique UNIQUE DEFERRABLE INITIALLY DEFERRED,
    expiry_key bytea,
    client_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'client')) STORED,
    expires_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'expiresAt') STORED
);
CREATE INDEX device_grants_by_expiry_key ON device_grants (expiry_key);

CREATE TABLE sweeps (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL
);

CREATE TABLE imports (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL
);

-- A counter is the sum of its parts. Servers add to different parts, so that none waits for another's commit.
CREATE TABLE counters (
    key bytea,
    part smallint,
    value bigint NOT NULL,
    PRIMARY KEY (key, part)
);

-- One row per batch of changesets, which tells after a lost connection whether the batch was committed.
CREATE TABLE commits (
    batch uuid PRIMARY KEY,
    last_revision bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX commits_by_revision ON commits (last_revision);

-- Each batch takes one number, and its changesets that one and those behind it.
CREATE SEQUENCE commit_numbers AS bigint INCREMENT BY 1024 START WITH 1;

CREATE VIEW directory_users AS
SELECT
    users.tenant_id,
    users.user_id,
    users.user_principal_name,
    users.display_name,
    users.account_enabled
FROM users
JOIN tenants ON tenants.id = users.tenant_id AND tenants.living_generation = users.generation;

CREATE VIEW catalog_apps AS
SELECT
    apps.tenant_id,
    apps.app_id,
    apps.external_id,
    apps.display_name,
    apps.distribution_method,
    apps.published_version,
    apps.created_at::timestamptz AS created_at
FROM apps
JOIN tenants ON tenants.id = apps.tenant_id AND tenants.living_generation = apps.generation;

CREATE VIEW catalog_versions AS
SELECT
    definitions.tenant_id,
    definitions.app_id,
    definitions.version,
    definitions.display_name,
    definitions.state,
    definitions.created_at::timestamptz AS created_at
FROM definitions
JOIN tenants ON tenants.id = definitions.tenant_id AND tenants.living_generation = definitions.generation
JOIN apps
    ON apps.app_id = definitions.app_id
    AND apps.tenant_id = definitions.tenant_id
    AND apps.generation = definitions.generation;

-- An installation of an app that was deleted is no longer one, though a sweep may still have to remove its row.
CREATE VIEW installed_apps AS
SELECT
    installations.tenant_id,
    installations.user_id,
    users.user_principal_name,
    installations.app_id,
    apps.display_name AS app_name,
    installations.version,
    apps.published_version,
    installations.installed_at::timestamptz AS installed_at
FROM installations
JOIN tenants ON tenants.id = installations.tenant_id AND tenants.living_generation = installations.generation
JOIN apps
    ON apps.app_id = installations.app_id
    AND apps.tenant_id = installations.tenant_id
    AND apps.generation = installations.generation
    AND apps.incarnation = installations.incarnation
JOIN users
    ON users.user_id = installations.user_id
    AND users.tenant_id = installations.tenant_id
    AND users.generation = installations.generation;
