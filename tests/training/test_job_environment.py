import pytest

from axonml.training.job_environment import environment_for_jobs

SERVER = {
    "PATH": "/bin",
    "LC_ALL": "C.UTF-8",
    "CUDA_VISIBLE_DEVICES": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HOME": "/models",
    "HF_TOKEN": "hf_secret",
    "DATABASE_URL": "postgresql://me:secret@db",
    "AXONML_STORAGE_URL": "postgresql://me:secret@db",
    "AXON_TOKEN": "axon_pat_operator",
    "SSH_AUTH_SOCK": "/run/agent",
    "WANDB_API_KEY": "secret",
    "WANDB_MODE": "offline",
}


def test_a_job_sees_what_programs_need_and_no_secret() -> None:
    seen = environment_for_jobs(SERVER)

    assert sorted(seen) == [
        "CUDA_VISIBLE_DEVICES",
        "HF_HOME",
        "LC_ALL",
        "PATH",
        "TOKENIZERS_PARALLELISM",
    ]


@pytest.mark.parametrize(
    ("passed", "more"),
    [
        (("DATABASE_URL", "HF_TOKEN"), {"DATABASE_URL", "HF_TOKEN"}),
        (("WANDB_*",), {"WANDB_API_KEY", "WANDB_MODE"}),
        (("A*", "AXON_TOKEN"), set[str]()),
        (("NOT_THERE",), set[str]()),
    ],
)
def test_what_is_named_is_passed_but_never_the_servers_own(
    passed: tuple[str, ...], more: set[str]
) -> None:
    seen = environment_for_jobs(SERVER, passed)

    assert seen.keys() - environment_for_jobs(SERVER).keys() == more
