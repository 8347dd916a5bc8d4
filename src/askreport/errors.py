"""Every error a user can meet. The message says what is wrong, the hint what to do next."""

from askreport.types import OutcomeStatus


class AskReportError(Exception):
    """Base of the project's own errors; ``code`` is stable and is what programs test.

    ``retry_after`` is after how many seconds the same request may succeed, None where waiting does not help.
    """

    code = "error"

    def __init__(self, message: str, hint: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.retry_after = retry_after


class SettingError(AskReportError):
    """A setting is unknown or has a value that cannot be used."""

    code = "bad_setting"


class QuestionError(AskReportError):
    """The question (or another part of a request) cannot be processed as it is."""

    code = "bad_request"


class DocumentNotFoundError(AskReportError):
    """No document with that id is in the index."""

    code = "document_not_found"


class NothingChosenError(AskReportError):
    """No document fits what the question was restricted to."""

    code = "nothing_chosen"


class DocumentReplacedError(AskReportError):
    """The document is gone because another took its place, whose id is ``by``."""

    code = "document_replaced"

    def __init__(self, message: str, hint: str | None = None, by: str = "") -> None:
        super().__init__(message, hint)
        self.by = by


class OtherKindError(AskReportError):
    """A file is no new version of another, because it is of another kind."""

    code = "other_kind"


class NameTakenError(AskReportError):
    """Another file of the library has the name."""

    code = "name_taken"


class DatasetError(AskReportError):
    """A data set for an evaluation is missing or not as it should be."""

    code = "bad_dataset"


class ParseError(AskReportError):
    """A file cannot be read as a document; ``status`` is the outcome it gets."""

    code = "unreadable_document"

    def __init__(self, message: str, status: OutcomeStatus = "damaged") -> None:
        super().__init__(message)
        self.status = status


class CorpusError(AskReportError):
    """A folder or file of documents that was asked for is not there or cannot be read."""

    code = "corpus_unreadable"


class EncoderError(AskReportError):
    """The embedding model cannot be found, verified or run."""

    code = "encoder_unavailable"


class IndexMissingError(AskReportError):
    """There is no published index in the folder."""

    code = "index_missing"


class IndexMismatchError(AskReportError):
    """The index was made by another encoder or another chunking than the ones in use."""

    code = "index_mismatch"


class IndexDamagedError(AskReportError):
    """The index does not hold what its manifest says."""

    code = "index_damaged"


class IndexBusyError(AskReportError):
    """Another process is writing the index."""

    code = "index_busy"


class IndexWriteError(AskReportError):
    """A new generation could not be written; the published one is untouched."""

    code = "index_write_failed"


class StoreError(AskReportError):
    """PostgreSQL, which holds the library, cannot be reached, or refuses."""

    code = "store_unavailable"


class NotebookNotFoundError(AskReportError):
    """No notebook has that id, or it is somebody else's."""

    code = "notebook_not_found"


class KeptError(AskReportError):
    """What people keep beside the library, descriptions and notebooks, cannot be read or written."""

    code = "kept_unavailable"


class SourceChangedError(AskReportError):
    """The file a document was read from is gone, or no longer the one that was indexed."""

    code = "source_changed"


class CollectionPartError(AskReportError):
    """The document is one of several in a file, and cannot be deleted without the others."""

    code = "part_of_collection"


class OutsideCorpusError(AskReportError):
    """The document's file is not in the corpus folder, the only place where files are moved or removed."""

    code = "outside_corpus"


class CorpusWriteError(AskReportError):
    """The corpus folder cannot be written; the documents in it are as they were."""

    code = "corpus_write_failed"


class UploadError(AskReportError):
    """More or larger files were sent than are taken at once; none of them is kept."""

    code = "upload_too_large"


class JobNotFoundError(AskReportError):
    """No job has that id, or it was too long ago."""

    code = "job_not_found"


class StoppedError(AskReportError):
    """The service ended before a change was done; the change was taken back."""

    code = "service_stopped"


class CancelledError(StoppedError):
    """Somebody cancelled the change before it was done; it was taken back."""

    code = "cancelled"


class GaveWayError(StoppedError):
    """Somebody else has to write the index first; nobody is told, for the change goes on after that."""


class CrossSiteError(AskReportError):
    """A page of another site asked for a change."""

    code = "cross_site"


class UnauthorizedError(AskReportError):
    """The service asks for a key, and the request has none that it knows."""

    code = "unauthorized"


class ForbiddenError(AskReportError):
    """The key may read and not write."""

    code = "forbidden"


class UnknownHostError(AskReportError):
    """The request names a host that the service does not go by, as a page of another site would."""

    code = "unknown_host"


class BodyTooLargeError(AskReportError):
    """The request's body is larger than any that means something."""

    code = "body_too_large"


class RateLimitedError(AskReportError):
    """One key asked for more than it may in a minute."""

    code = "rate_limited"


class UnknownModelError(AskReportError):
    """A chat client names a model that is not this library."""

    code = "model_not_found"


class OverloadedError(AskReportError):
    """More questions wait than can be answered in a reasonable time."""

    code = "overloaded"


class KeyFileError(AskReportError):
    """The file of API keys cannot be read or written, or has not the key that was named."""

    code = "bad_keys"


class ServiceError(AskReportError):
    """What a service said to its client, by the service's own code; or that it said nothing that could be read."""

    code = "service_failed"

    def __init__(self, message: str, hint: str | None = None, code: str = code) -> None:
        super().__init__(message, hint)
        self.code = code


class BackupError(AskReportError):
    """A backup cannot be made, or is not one that can be restored."""

    code = "bad_backup"


class CopyError(AskReportError):
    """A library cannot be copied to a place without harm to what is there; nothing there was changed."""

    code = "bad_copy"


class LanguageModelError(AskReportError):
    """The language model's endpoint is slow, down, or answers with something else; the quotes stand without it."""

    code = "language_model_failed"
