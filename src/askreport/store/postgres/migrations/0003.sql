-- How many documents are in each language (text/language.py); those of which it is not known by an empty name.
CREATE TABLE languages (
    language text COLLATE "C" PRIMARY KEY,
    documents bigint NOT NULL
);

-- The words that documents are called by (names.py).
CREATE TABLE names (
    word text COLLATE "C" NOT NULL,
    document integer NOT NULL,
    PRIMARY KEY (word, document)
);
CREATE INDEX names_document ON names (document);
