"""Set, read, reset and archive sessions in random order, and compare them with a model."""

import contextlib
import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

WORKFLOWS = st.sampled_from(["workflow:pr", "workflow:pr-2", "my flow", "é🚀", "x.json", "A"])
STEPS = st.sampled_from(["init", "git:pr:find", "git:pr:monitor", "läuft"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
CONTEXTS = st.none() | st.dictionaries(st.sampled_from(["branch", "pr_number", "é", ""]), VALUES, max_size=3)


@contextlib.contextmanager
def streams() -> Iterator[tuple[list[str], list[str]]]:
    """Capture the output to the descriptors 1 and 2. After the block, each list holds one text."""
    texts: tuple[list[str], list[str]] = ([], [])
    kept = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        try:
            yield texts
        finally:
            for fd, file, text in zip((1, 2), (out, err), texts, strict=True):
                os.dup2(kept[fd - 1], fd)
                os.close(kept[fd - 1])
                file.seek(0)
                text.append(file.read().decode())


def door(name: str, *args: str) -> tuple[int, str, str]:
    with streams() as (out, err):
        code = importlib.import_module(f"session.{name}").main(list(args))
    return code, out[0], err[0]


def as_javascript(value: Any) -> Any:
    """Return the value as JavaScript writes it: a float without a fraction becomes an integer."""
    if isinstance(value, dict):
        return {key: as_javascript(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_javascript(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Sessions(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.origin = Path.cwd()
        os.chdir(self.folder)
        self.model: dict[str, dict[str, Any]] = {}
        self.archives = 0

    def teardown(self) -> None:
        os.chdir(self.origin)
        shutil.rmtree(self.folder)

    def enter(self, workflow: str, step: str, context: dict[str, Any] | None) -> None:
        state = self.model.setdefault(workflow, {"steps": []})
        if state["steps"][-1:] != [step]:
            state["steps"].append(step)
        state["step"] = step
        if context is not None:
            state["context"] = {**state.get("context", {}), **as_javascript(context)}

    @rule(workflow=WORKFLOWS, step=STEPS, context=CONTEXTS)
    def set(self, workflow: str, step: str, context: dict[str, Any] | None) -> None:
        words = [workflow, step] if context is None else [workflow, step, json.dumps(context)]
        code, out, _ = door("set", *words)
        assert code == 0
        self.enter(workflow, step, context)
        assert out == (self.folder / "ia/state/sessions" / f"{workflow}.json").read_text() + "\n"

    @rule(workflow=WORKFLOWS, step=STEPS)
    def set_new(self, workflow: str, step: str) -> None:
        code, out, err = door("set", workflow, step, "--new")
        if workflow in self.model:
            assert (code, out) == (3, "")
            assert f"at {self.model[workflow]['step']}" in err
        else:
            assert code == 0
            self.enter(workflow, step, None)

    @rule(workflow=WORKFLOWS, step=STEPS, required=STEPS)
    def set_if_step(self, workflow: str, step: str, required: str) -> None:
        code, out, _ = door("set", workflow, step, "--if-step", required)
        if self.model.get(workflow, {}).get("step") == required:
            assert code == 0
            self.enter(workflow, step, None)
        else:
            assert (code, out) == (3, "")

    @rule(workflow=WORKFLOWS, text=st.sampled_from(["{", "[1]", "7", '{"a":NaN}', '{"a":1e400}', "\ufeff{}"]))
    def set_with_bad_context(self, workflow: str, text: str) -> None:
        code, out, err = door("set", workflow, "never", text)
        assert (code, out, err.count("\n")) == (1, "", 1)

    @rule(workflow=WORKFLOWS)
    def reset(self, workflow: str) -> None:
        state = self.model.pop(workflow, None)
        text = f"No session found for {workflow}\n" if state is None else f"Session {workflow} reset\n"
        assert door("reset", workflow) == (0, text, "")

    @rule(workflow=WORKFLOWS, status=st.sampled_from(["completed", "failed", "abandoned"]), notes=st.text(max_size=5))
    def save(self, workflow: str, status: str, notes: str) -> None:
        notes = notes.replace("\0", "").encode("utf-8", "ignore").decode()
        code, out, err = door("save", workflow, f"--status={status}", f"--notes={notes}")
        state = self.model.pop(workflow, None)
        if state is None:
            assert (code, out, err) == (1, "", f"No session found for {workflow}\n")
            return
        assert code == 0
        self.archives += 1
        place, _, markdown = out.partition("\n")
        assert (self.folder / place.removeprefix("Archived to ")).read_text() + "\n" == markdown
        assert f"**Status:** {status}\n" in markdown
        assert f"{len(state['steps'])}. {state['step']} (final)\n" in markdown

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        code, out, err = door("get", "--all")
        assert (code, err) == (0, "")
        listed = json.loads(out)
        assert [entry["workflow"] for entry in listed] == sorted(self.model)
        for entry in listed:
            state = self.model[entry["workflow"]]
            assert {key: entry[key] for key in state} == state
            assert [past["step"] for past in entry["history"]] == entry["steps"]
            assert json.loads(door("get", entry["workflow"])[1]) == {k: v for k, v in entry.items() if k != "workflow"}
        archives = self.folder / "ia/state/sessions/archives"
        assert len(list(archives.iterdir()) if archives.exists() else []) == self.archives
        assert not (self.folder / "ia/state/.journal").exists()


Sessions.TestCase.settings = settings(
    max_examples=60, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSessions = Sessions.TestCase
