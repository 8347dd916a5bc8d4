"""Whether a service can be put in front of others as the settings have it, and what to do where not."""

import sys
from pathlib import Path

from httpx2 import Client, HTTPError, InvalidURL, Response

from askreport.config import Settings, is_loopback
from askreport.doctor.types import Check, CheckStatus
from askreport.errors import KeyFileError
from askreport.guard.keys import KeyFile

# Seconds for the language model's endpoint to say that it is there.
PATIENCE = 5.0
_SHARED_MODES = 0o077
_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104


def examine_service(settings: Settings) -> list[Check]:
    """The checks of what a service needs beyond a library; never raises."""
    keys, count = keys_check(settings.keys)
    checks = [keys, address_check(settings, count)]
    if settings.llm_url:
        with Client(timeout=PATIENCE) as http:
            checks.append(model_check(settings, http))
    return checks


def keys_check(file: Path) -> tuple[Check, int]:
    """Whether the file of the keys can be used and is read by its owner only; and how many keys there are."""
    try:
        count = len(KeyFile(file).current().keys)
        shared = file.exists() and sys.platform != "win32" and file.stat().st_mode & _SHARED_MODES
    except KeyFileError as error:
        return Check(name="keys", status="problem", message=error.message, hint=error.hint or ""), 0
    except OSError as error:
        return Check(
            name="keys", status="problem", message=f"{file} cannot be read: {error.strerror}", hint="Allow reading it."
        ), 0
    if shared:
        hint = f"Run `chmod 600 {file}`."
        return Check(
            name="keys", status="warning", message=f"others on this machine may read or write {file}", hint=hint
        ), count
    return Check(
        name="keys", status="ok", message=f"{count} in {file}" if count else f"none in {file}; none is asked for"
    ), count


def address_check(settings: Settings, keys: int) -> Check:
    """Whether the address, the names and the number of keys go together."""
    host = settings.host
    where = f"the service listens on {host} port {settings.port}"
    if is_loopback(host) and settings.hosts and not keys:
        hint = "Make a key by `askreport keys add NAME --role write`, or take the names out of ASKREPORT_HOSTS."
        return Check(
            name="address",
            # Without that it does not start.
            status="warning" if settings.without_keys else "problem",
            message=f"{where}, a proxy calls it {settings.hosts}, and there are no keys",
            hint=hint,
        )
    if is_loopback(host):
        return Check(name="address", status="ok", message=f"{where}, for this machine only")
    if not keys:
        hint = "It will not start: make a key by `askreport keys add NAME --role write`, or listen on 127.0.0.1."
        return Check(
            name="address",
            status="problem",
            message=f"{where}, where others reach it, and there are no keys",
            hint=hint,
        )
    if host in _ANY_ADDRESS and not settings.hosts:
        hint = "List the names by which others call it in ASKREPORT_HOSTS; requests by other names are refused."
        return Check(
            name="address",
            status="warning",
            message=f"{where}, and goes by no name but that of this machine",
            hint=hint,
        )
    names = f" as {settings.hosts}" if settings.hosts else ""
    return Check(name="address", status="ok", message=f"{where}{names}; {keys} keys")


def model_check(settings: Settings, http: Client) -> Check:
    """Whether the language model's endpoint answers, takes the key and has the model, as far as it says."""
    key = settings.llm_key.get_secret_value()
    headers = {"authorization": f"Bearer {key}"} if key else {}
    hint = "Start it, or correct ASKREPORT_LLM_URL, ASKREPORT_LLM_MODEL and ASKREPORT_LLM_KEY; quotes need none of it."
    try:
        response = http.get(f"{settings.llm_url.rstrip('/')}/models", headers=headers)
    except (HTTPError, InvalidURL, UnicodeError) as error:
        reason = str(error) or type(error).__name__
        return Check(name="model", status="problem", message=f"{settings.llm_url} does not answer: {reason}", hint=hint)
    status, message = _judged(response, settings.llm_model)
    return Check(
        name="model", status=status, message=f"{settings.llm_url} {message}", hint="" if status == "ok" else hint
    )


def _judged(response: Response, model: str) -> tuple[CheckStatus, str]:
    if response.status_code in (401, 403):
        return "problem", "does not take the key"
    if response.status_code >= 500:
        return "problem", f"answers with status {response.status_code}"
    try:
        known = [str(each["id"]) for each in response.json()["data"]]
    except (ValueError, KeyError, TypeError):
        return "ok", "answers, and does not list its models"
    if model and model not in known:
        return "warning", f"answers, and has no model {model} among {', '.join(known[:10])}"
    return "ok", f"answers, and has {model or ', '.join(known[:3])}"
