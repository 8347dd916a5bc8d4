-- The library. Everything that grows with it has the document's number in its key, so that all of a document lies on
-- one node where tables are distributed by it; `library` and `terms` are small, and stand on every node.

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

-- One row: what everything was made with, and how much there is. The generation counts changes; `tokens` are those of
-- all passages together, which BM25 needs.
CREATE TABLE library (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    identity uuid NOT NULL DEFAULT gen_random_uuid(),
    format integer NOT NULL,
    encoder text NOT NULL,
    dimension integer NOT NULL,
    chunking text NOT NULL,
    generation bigint NOT NULL DEFAULT 0,
    built_at timestamptz NOT NULL DEFAULT now(),
    documents bigint NOT NULL DEFAULT 0,
    passages bigint NOT NULL DEFAULT 0,
    sentences bigint NOT NULL DEFAULT 0,
    tokens bigint NOT NULL DEFAULT 0
);

-- The files that documents were read from, by their names in the library. `content` is the id of a file's bytes;
-- `folder` tells that `askreport index` found it in a folder, and may find it gone; `made` is what its documents were
-- made with (`made_of` in ingest.py), empty while they are not all there or that is unknown.
CREATE TABLE files (
    name text PRIMARY KEY,
    content text NOT NULL,
    size bigint NOT NULL,
    folder boolean NOT NULL DEFAULT false,
    status text NOT NULL,
    reason text NOT NULL DEFAULT '',
    documents integer NOT NULL DEFAULT 0,
    made text NOT NULL DEFAULT '',
    added timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX files_content ON files (content);

-- The bytes of files, where no other place for them is set.
CREATE TABLE originals (
    content text PRIMARY KEY,
    bytes bytea NOT NULL
);
ALTER TABLE originals ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- A number may come again after a restore to an earlier moment; a key never does, and readers keep documents by it.
CREATE TABLE documents (
    number integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    key uuid NOT NULL DEFAULT gen_random_uuid(),
    id text NOT NULL UNIQUE,
    path text NOT NULL,
    title text NOT NULL,
    sha256 text NOT NULL,
    passages integer NOT NULL,
    sentences integer NOT NULL,
    tokens integer NOT NULL,
    characters integer NOT NULL,
    pages integer NOT NULL,
    file text NOT NULL,
    content text NOT NULL,
    entry text NOT NULL,
    metadata text NOT NULL,
    structure text NOT NULL,
    text text NOT NULL
);
CREATE INDEX documents_content ON documents (content);
CREATE INDEX documents_path ON documents (path);

CREATE TABLE layouts (
    document integer NOT NULL,
    page integer NOT NULL,
    boxes bytea NOT NULL,
    PRIMARY KEY (document, page)
);

-- `digest` is of a passage's words; `sentences` are starts and ends in turn; `sentence_vectors` are int8 (codec.py).
CREATE TABLE passages (
    document integer NOT NULL,
    ordinal integer NOT NULL,
    start integer NOT NULL,
    "end" integer NOT NULL,
    digest bytea NOT NULL,
    heading text NOT NULL,
    sentences integer[] NOT NULL,
    sentence_vectors bytea NOT NULL,
    PRIMARY KEY (document, ordinal)
);
ALTER TABLE passages ALTER COLUMN sentence_vectors SET STORAGE EXTERNAL;

-- Apart from the passages, so that a search that looks at every vector reads nothing else.
CREATE TABLE vectors (
    document integer NOT NULL,
    ordinal integer NOT NULL,
    vector halfvec NOT NULL,
    PRIMARY KEY (document, ordinal)
);
ALTER TABLE vectors ALTER COLUMN vector SET STORAGE PLAIN;

CREATE TABLE sentences (
    digest bytea NOT NULL,
    document integer NOT NULL,
    start integer NOT NULL,
    "end" integer NOT NULL,
    PRIMARY KEY (digest, document, start)
);

-- How often a passage has a term, and the passage's length in terms, rounded down as BM25 counts it. The key has all
-- columns, so that a search reads the index alone.
CREATE TABLE postings (
    term text COLLATE "C" NOT NULL,
    document integer NOT NULL,
    ordinal integer NOT NULL,
    frequency smallint NOT NULL,
    length integer NOT NULL,
    PRIMARY KEY (term, document, ordinal) INCLUDE (frequency, length)
);
-- Vacuuming is what lets a search read the index alone.
ALTER TABLE postings SET (autovacuum_vacuum_insert_scale_factor = 0.05);

-- How many passages have a term.
CREATE TABLE terms (
    term text COLLATE "C" PRIMARY KEY,
    passages integer NOT NULL
);
-- Counts are updated in place.
ALTER TABLE terms SET (fillfactor = 70);
