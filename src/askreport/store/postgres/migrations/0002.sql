-- Changes of the library that take a while: jobs as people see them, and their files, which workers take one by one.

CREATE INDEX documents_file ON documents (file);

CREATE TABLE jobs (
    id text PRIMARY KEY,
    kind text NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    has_begun boolean NOT NULL DEFAULT false,
    finished timestamptz
);
CREATE INDEX jobs_created ON jobs (created);
CREATE INDEX jobs_at_work ON jobs (id) WHERE finished IS NULL;

-- `name` is what a file is called where it comes from, and `path` its name in the library, once a worker has chosen it.
-- Taking a file counts an attempt and gives a token, by which a worker later proves that nobody has taken it since.
-- `outcome` is JSON, once the file is done.
CREATE TABLE job_files (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    job text NOT NULL REFERENCES jobs ON DELETE CASCADE,
    name text NOT NULL,
    content text NOT NULL,
    size bigint NOT NULL,
    folder boolean NOT NULL,
    path text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done')),
    attempts integer NOT NULL DEFAULT 0,
    due timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL DEFAULT '',
    worker text NOT NULL DEFAULT '',
    token uuid,
    heartbeat timestamptz,
    stage text NOT NULL DEFAULT '',
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    embedded integer NOT NULL DEFAULT 0,
    outcome text
);
CREATE INDEX job_files_job ON job_files (job, number);
CREATE INDEX job_files_waiting ON job_files (folder, number) WHERE status <> 'done';
CREATE INDEX job_files_content ON job_files (content) WHERE status <> 'done';
-- Progress is written in place.
ALTER TABLE job_files SET (fillfactor = 70);
