"""For tests of dead letters: a database that keeps what is put on record, and invocations with time."""

from sicfar.aws.identity import Caller
from sicfar.dead_letters.command import Command
from sicfar.dead_letters.run import DeadLetters, Invocation

ARN = "arn:aws:sts::123456789012:assumed-role/ti/ana"


class Record:
    """What the functions of the database would keep; `fails` makes one of them raise."""

    base_url = "http://banco"

    def __init__(self):
        self.reasons, self.kept, self.treated, self.fails = {}, [], [], {}

    def rpc(self, function, params):
        if function in self.fails:
            raise self.fails[function]
        answers = {
            "motivos_falhas": lambda: {one: self.reasons[one] for one in params["p_mensagens"] if one in self.reasons},
            "registrar_descarte": lambda: self.kept.append(params),
            "registrar_tratamento": lambda: self.treated.append(params["p_tratamento"]),
            "andamento_tratamento": lambda: self.progress(params["p_execucao"]),
        }
        self.answer = answers[function]()
        return self

    def execute(self):
        return type("Answer", (), {"data": self.answer})

    def in_phase(self, phase, run=None):
        return {
            letter["id"]
            for one in self.treated
            if one["fase"] == phase and run in (None, one["execucao"])
            for letter in one["mensagens"]
        }

    def progress(self, run):
        names = {"pedidas": "PEDIDO", "feitas": "FEITO", "falhas": "FALHOU"}
        return {name: len(self.in_phase(phase, run)) for name, phase in names.items()}


def letters(sqs, urls, record, **more):
    more = {"pause": lambda _seconds: None, "wait_s": 0, **more}
    return DeadLetters(sqs, record, [urls["a-dlq"], urls["b-dlq"]], **more)


def invocation(left_s=lambda: 300.0, who=ARN):
    return Invocation(Caller(who, proven=True), "req-1", left_s)


def do(dead, event, call=None):
    return dead.do(Command.parse(event), call or invocation())
