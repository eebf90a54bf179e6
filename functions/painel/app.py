"""The plant's screens: HTML pages under /painel that act as the signed-in person."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.utilities.typing import LambdaContext

from painel import page, session
from painel.screens import agora, cadastros, entrar, integracao, lotes, ordens, pendencias, turno
from painel.supabase import RefusedError, SignInRefusedError, TokenRefusedError
from sicfar.errors import TransientError, typed

logger = Logger()
app = APIGatewayRestResolver(strip_prefixes=[page.DOMAIN_PREFIX])


def _with_visitor(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[str]:
    """Read the cookies before a screen, write them after it, and turn what went wrong into a page.

    Powertools' own exception handlers would answer outside the middlewares, without the cookies and headers.
    """
    if "/estatico/" in app.current_event.path:
        return next_middleware(app)
    visitor = session.visitor(app.current_event)
    app.append_context(visitor=visitor)
    try:
        visitor.refresh()
        answer: Response[str] = next_middleware(app)
    except (session.SignInNeededError, TokenRefusedError):
        visitor.forget()
        answer = entrar.ask(app.current_event)
    except (session.FormRefusedError, SignInRefusedError) as refused:
        answer = page.failure(visitor, 403, refused.what, "Volte, atualize a página e tente de novo.")
    except RefusedError as refused:
        answer = page.failure(visitor, refused.status, refused.detail, refused.hint)
    except TransientError as error:
        logger.warning("o banco não respondeu", extra={"codigo": error.code, "motivo": str(error)})
        answer = page.failure(
            visitor, 503, "O SicFar não conseguiu falar com o banco.", "Espere um minuto e tente de novo."
        )
    except Exception as cause:
        unforeseen = typed(cause)
        logger.exception("página", extra={"codigo": unforeseen.code, "motivo": str(unforeseen)})
        answer = page.failure(visitor, 500, "O painel falhou.", "Tente de novo; se repetir, avise a TI.")
    answer.cookies = [*answer.cookies, *visitor.cookies()]
    return answer


app.use(middlewares=[_with_visitor])
for _router in (
    *(entrar.router, agora.router, turno.router, ordens.router, pendencias.router),
    *(lotes.router, integracao.router, cadastros.router, page.router),
):
    app.include_router(_router)


@app.not_found
def _not_found(_error: NotFoundError) -> Response[str]:
    return page.failure(session.visitor(app.current_event), 404, "Esta página não existe.", "Volte ao começo.")


@logger.inject_lambda_context
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
    """Entry point: a REST API proxy event of a path under /painel."""
    answer: dict[str, object] = app.resolve(event, context)
    return answer
