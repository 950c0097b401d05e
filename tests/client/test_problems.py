import json

from axonml.client.problems import problem_of


def test_a_refusal_names_the_field_without_the_protocols_sign_for_the_body() -> None:
    body = json.dumps({"detail": "$.launch.entrypoint: there is none", "code": "invalid"}).encode()

    error = problem_of(422, body, None)

    assert (str(error), error.code) == ("launch.entrypoint: there is none", "invalid")


def test_an_answer_that_is_no_problem_is_quoted() -> None:
    assert str(problem_of(502, b"Bad Gateway", None)) == "Bad Gateway"
    assert str(problem_of(502, b"", "7")) == "the server answered 502"
