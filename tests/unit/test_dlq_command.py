"""`sicfar dlq`: its figures are the function's, an invocation is made once, and what is lost is asked about."""

import http.server
import io
import json
import threading

import pytest

from operations.dead_letters import INVOKE, Function, LostAnswerError, Run, listing, move_whole_queues
from sicfar.dead_letters.command import Action, Command, CommandError, Done, Failed, Move, Why


class Letters:
    """A function with so many letters; `lose` is the portions whose answer is lost, after or before the work."""

    def __init__(self, count, *, portion=50, lose=(), failing=()):
        self.left, self.portion, self.lose, self.failing = count, portion, dict(lose), list(failing)
        self.done, self.asked, self.calls = 0, 0, []

    def __call__(self, command):
        self.calls.append(command)
        if command.action is Action.PROGRESS:
            return Done(action=command.action, found=self.asked, asked=self.asked, moved=self.done, failed_count=0)
        if command.dry_run:
            return Done(action=command.action, found=self.left, until_ms=7)
        assert command.until_ms == 7
        number = sum(one.action is not Action.PROGRESS and not one.dry_run for one in self.calls)
        if self.lose.get(number) == "before":
            raise LostAnswerError("answer_lost", "a resposta se perdeu")
        failed = [one for one in self.failing if one not in command.skipped]
        moved = min(self.portion, self.left - len(self.failing), command.limit or self.left)
        self.left -= moved
        self.done += moved
        self.asked += moved
        if self.lose.get(number) == "after":
            raise LostAnswerError("answer_lost", "a resposta se perdeu")
        complete = self.left == len(self.failing)
        return Done(
            action=command.action,
            found=moved + len(self.failing),
            complete=complete,
            moved=moved,
            left=self.left if complete else None,
            failed=tuple(Failed(id=one, reason="não") for one in failed),
        )


def run(letters, **asked):
    said = []
    made = Run(letters, Command(action=Action.REPLAY, **asked), said.append, lambda _seconds: None)
    return made, said


def test_p6_ten_thousand_letters_go_in_portions_with_progress():
    made, said = run(Letters(10_000, portion=100))
    assert made.go()
    assert said[:2] == ["contando as cartas…", "10000 cartas"]
    bars = [one for one in said if one.startswith("[")]
    assert (len(bars), bars[-1].endswith(" 10000/10000")) == (100, True)
    assert made.summary("reenviadas") == ["10000 cartas reenviadas; restam 0; falharam 0"]


def test_p6_interrupted_the_same_command_goes_on():
    letters = Letters(120)
    stopped = iter([None, None, KeyboardInterrupt])

    def ask(command):
        if (error := next(stopped)) is not None:
            raise error
        return letters(command)

    made, _ = run(ask)
    with pytest.raises(KeyboardInterrupt):
        made.go()
    assert made.summary("reenviadas") == ["50 cartas reenviadas; restam pelo menos 70; falharam 0"]
    made, _ = run(letters)
    assert made.go()
    assert made.summary("reenviadas")[0].startswith("70 cartas reenviadas; restam 0")


@pytest.mark.parametrize("when", ["before", "after"])
def test_p6_a_lost_answer_is_said_and_what_was_done_is_asked(when):
    letters = Letters(120, lose={2: when})
    made, said = run(letters)
    assert made.go()
    assert (made.moved, made.left, letters.done) == (120, 0, 120)
    assert any("a resposta se perdeu; perguntando" in one for one in said)
    assert said[-1] == "no registro: 120 pedidas, 120 feitas, 0 falharam"
    assert len({one.run for one in letters.calls}) == 1


def test_p6_a_function_that_never_answers_ends_the_run_with_its_error():
    made, _ = run(Letters(120, lose=dict.fromkeys(range(1, 9), "before")))
    with pytest.raises(LostAnswerError):
        made.go()
    assert made.summary("reenviadas") == ["0 cartas reenviadas; restam pelo menos 120; falharam 0"]


def test_p6_letters_that_fail_are_named_and_tried_once():
    letters = Letters(60, failing=["x", "y"])
    made, _ = run(letters)
    assert not made.go()
    assert made.summary("reenviadas") == [
        "58 cartas reenviadas; restam 2; falharam 2",
        "  x: não",
        "  y: não",
    ]
    assert letters.calls[-1].skipped == ("x", "y")


def test_p6_no_more_go_than_the_limit():
    letters = Letters(120, portion=50)
    made, _ = run(letters, limit=70)
    assert made.go()
    assert (made.moved, letters.left) == (70, 50)


def test_p6_a_stopped_portion_ends_the_run_with_its_reason_and_figures():
    done = Done(action=Action.REPLAY, found=9, complete=False, moved=5, stopped=Why(code="c", message="o SQS parou"))
    answers = iter([Done(action=Action.REPLAY, found=9, until_ms=7), done])
    made, _ = run(lambda _command: next(answers))
    with pytest.raises(CommandError, match="o SQS parou"):
        made.go()
    assert made.summary("reenviadas") == ["5 cartas reenviadas; restam pelo menos 4; falharam 0"]


def test_the_move_of_sqs_is_told_until_it_ends():
    def state(status, moved):
        return Done(action=Action.REPLAY, found=0, native=(Move(queue="a-dlq", status=status, moved=moved, total=9),))

    answers = iter([state("RUNNING", 1), state("RUNNING", 1), state("COMPLETED", 9)])
    said = []
    assert move_whole_queues(lambda _: next(answers), Command(native=True), said.append, lambda _: None)
    assert said == ["a-dlq: RUNNING, cerca de 1 de 9", "a-dlq: COMPLETED, cerca de 9 de 9"]
    assert not move_whole_queues(lambda _: state("FAILED", 1), Command(native=True), said.append, lambda _: None)


def test_a_list_that_is_cut_says_how_many_more_there_are():
    text = listing(Done(action=Action.LIST, found=3, complete=False, letters=(), hidden=2))
    assert text[0].startswith("… e mais 3")
    assert text[-1] == "pelo menos 3 cartas"
    assert any("2 estão ocultas" in one for one in text)


@pytest.fixture
def cut_off(monkeypatch):
    """A Lambda that takes the request and closes the connection without a word."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.close_connection = True

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = {"ACCESS_KEY_ID": "t", "SECRET_ACCESS_KEY": "t", "DEFAULT_REGION": "sa-east-1"}
    for name, value in (*settings.items(), ("ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")):
        monkeypatch.setenv(f"AWS_{name}", value)
    yield seen
    server.shutdown()
    server.server_close()


def test_p6_an_invocation_is_made_once_and_bears_a_proof(cut_off):
    with pytest.raises(LostAnswerError):
        Function("prod")(Command(action=Action.REPLAY))
    (event,) = cut_off
    assert "Action=GetCallerIdentity" in event["prova"]
    with pytest.raises(LostAnswerError):
        Function("prod")(Command(action=Action.REPLAY, dry_run=True))
    assert "prova" not in cut_off[1]
    assert INVOKE.read_timeout > 900


def test_p6_a_function_that_stopped_halfway_is_no_answer(monkeypatch, cut_off):
    function = Function("prod")
    answer = {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "Task timed out"}')}
    monkeypatch.setattr(function, "_client", type("C", (), {"invoke": staticmethod(lambda **_: answer)}))
    with pytest.raises(LostAnswerError, match="Task timed out"):
        function(Command())
