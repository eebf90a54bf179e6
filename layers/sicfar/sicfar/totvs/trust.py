"""Whose certificates the ERP may show."""

import ssl
from pathlib import Path

from sicfar.references import REFERENCE, resolve
from sicfar.totvs.answers import TotvsAccessError


def trust(ca_bundle: str | None) -> ssl.SSLContext:
    """The system's authorities, and the site's own. Raises SettingError, TotvsAccessError."""
    context = ssl.create_default_context()
    if ca_bundle:
        try:
            if REFERENCE.fullmatch(ca_bundle):
                context.load_verify_locations(cadata=resolve(ca_bundle, "totvs.caBundle"))
            else:
                context.load_verify_locations(cadata=Path(ca_bundle).read_text(encoding="ascii"))
        except (ssl.SSLError, OSError, ValueError) as cause:
            raise TotvsAccessError(
                "ca_unreadable",
                f"{type(cause).__name__}: {cause}",
                where="totvs.caBundle",
                action="informe um arquivo PEM, ou uma referência ao texto dele",
            ) from cause
    return context


def certificate_refused(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, says that the other side's certificate is not accepted."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
