-- Groups, teams and chats with their members; installations that belong to them; terms by which users are found.

CREATE TABLE groups (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    group_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'id')) STORED,
    display_name text GENERATED ALWAYS AS (document ->> 'displayName') STORED,
    is_team boolean GENERATED ALWAYS AS ((document ->> 'isTeam')::boolean) STORED,
    created_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'createdAt') STORED
);
CREATE INDEX groups_by_id ON groups (group_id);

CREATE TABLE chats (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    chat_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'id')) STORED,
    chat_type text GENERATED ALWAYS AS (document ->> 'chatType') STORED,
    topic text GENERATED ALWAYS AS (document ->> 'topic') STORED,
    created_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'createdAt') STORED
);
CREATE INDEX chats_by_id ON chats (chat_id);

CREATE TABLE memberships (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL,
    member_key bytea,
    container_kind text GENERATED ALWAYS AS (document ->> 'containerKind') STORED,
    container_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'container')) STORED,
    member_kind text GENERATED ALWAYS AS (document ->> 'memberKind') STORED,
    member_id text COLLATE "C" GENERATED ALWAYS AS (lower(document ->> 'member')) STORED,
    role text GENERATED ALWAYS AS (document ->> 'role') STORED
);
CREATE INDEX memberships_by_member_key ON memberships (member_key);
CREATE INDEX memberships_by_container ON memberships (container_id);
CREATE INDEX memberships_by_member ON memberships (member_id);

-- Searched by key alone.
CREATE TABLE user_terms (
    key bytea PRIMARY KEY,
    revision bigint NOT NULL,
    tenant_id text COLLATE "C",
    generation bigint NOT NULL,
    document jsonb NOT NULL
);

-- Writes the table anew, since the kind of each owner is kept in a column.
ALTER TABLE installations RENAME COLUMN user_id TO owner_id;
ALTER TABLE installations
    ADD COLUMN owner_kind text GENERATED ALWAYS AS (coalesce(document ->> 'ownerKind', 'user')) STORED;
ALTER INDEX installations_by_user RENAME TO installations_by_owner;

CREATE VIEW directory_groups AS
SELECT
    groups.tenant_id,
    groups.group_id,
    groups.display_name,
    groups.is_team,
    groups.created_at::timestamptz AS created_at
FROM groups
JOIN tenants ON tenants.id = groups.tenant_id AND tenants.living_generation = groups.generation;

CREATE VIEW directory_chats AS
SELECT
    chats.tenant_id,
    chats.chat_id,
    chats.chat_type,
    chats.topic,
    chats.created_at::timestamptz AS created_at
FROM chats
JOIN tenants ON tenants.id = chats.tenant_id AND tenants.living_generation = chats.generation;

-- Members that are groups have no user principal name.
CREATE VIEW directory_members AS
SELECT
    memberships.tenant_id,
    memberships.container_kind,
    memberships.container_id,
    memberships.member_kind,
    memberships.member_id,
    users.user_principal_name,
    memberships.role
FROM memberships
JOIN tenants ON tenants.id = memberships.tenant_id AND tenants.living_generation = memberships.generation
LEFT JOIN users
    ON memberships.member_kind = 'user'
    AND users.user_id = memberships.member_id
    AND users.tenant_id = memberships.tenant_id
    AND users.generation = memberships.generation;

-- What users have; what teams and chats have is in views of their own.
CREATE OR REPLACE VIEW installed_apps AS
SELECT
    installations.tenant_id,
    installations.owner_id AS user_id,
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
    ON installations.owner_kind = 'user'
    AND users.user_id = installations.owner_id
    AND users.tenant_id = installations.tenant_id
    AND users.generation = installations.generation;

CREATE VIEW team_apps AS
SELECT
    installations.tenant_id,
    installations.owner_id AS team_id,
    groups.display_name AS team_name,
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
JOIN groups
    ON installations.owner_kind = 'team'
    AND groups.group_id = installations.owner_id
    AND groups.tenant_id = installations.tenant_id
    AND groups.generation = installations.generation;

CREATE VIEW chat_apps AS
SELECT
    installations.tenant_id,
    installations.owner_id AS chat_id,
    chats.chat_type,
    chats.topic,
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
JOIN chats
    ON installations.owner_kind = 'chat'
    AND chats.chat_id = installations.owner_id
    AND chats.tenant_id = installations.tenant_id
    AND chats.generation = installations.generation;
