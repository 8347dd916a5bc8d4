-- What people keep beside the library: what they have corrected of documents' descriptions, and notebooks. Times are
-- ISO 8601 in UTC, contents JSON, as in the file of a library in a folder.
CREATE TABLE descriptions (
    path text COLLATE "C" PRIMARY KEY,
    document text NOT NULL,
    corrections text NOT NULL,
    updated text COLLATE "C" NOT NULL
);
CREATE INDEX descriptions_document ON descriptions (document);

CREATE TABLE notebooks (
    id text PRIMARY KEY,
    owner text NOT NULL,
    name text NOT NULL,
    shared integer NOT NULL,
    created text NOT NULL,
    updated text COLLATE "C" NOT NULL
);

CREATE TABLE notebook_items (
    id text PRIMARY KEY,
    notebook text NOT NULL REFERENCES notebooks ON DELETE CASCADE,
    position integer NOT NULL,
    kind text NOT NULL,
    note text NOT NULL,
    content text NOT NULL,
    created text NOT NULL
);
CREATE INDEX notebook_items_notebook ON notebook_items (notebook, position);
