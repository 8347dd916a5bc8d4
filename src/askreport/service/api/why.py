"""The JSON API: what is behind an answer."""

from fastapi import APIRouter

from askreport.answering.why import Why, why
from askreport.service.api.questions import FollowUp, LibraryOf, errors
from askreport.service.shared.gate import GateOf

why_api = APIRouter()


@why_api.post("/why", tags=["questions"], summary="Explain an answer", responses=errors(404, 422, 503))
async def post_why(query: FollowUp, library: LibraryOf, gate: GateOf) -> Why:
    """What is behind the answer to the same question: how it was understood, the words that no document has, and for
    each of the best sentences which of the question's words it has, and its scores.
    """
    return await gate.run(why, library, query.question, query.documents, query.history, query.k)
