"""Move every control of every explorer in a running notebook, as the browser would.

A slider that is connected to nothing and an update that raises are both invisible to a test that
only runs the cells. So: send each control its least, middle and largest value as a message to the
widget's comm, and look at the reply.
"""

import time
from contextlib import contextmanager
from queue import Empty

from jupyter_client import BlockingKernelClient

ANSWER_SECONDS = 240  # the machine may be busy


def explorers(widget_states):
    """{model id: spec} of the models that are explorers, from {model id: synced state}."""
    return {
        model: state["spec"]
        for model, state in widget_states.items()
        if isinstance(state.get("spec"), dict) and "controls" in state["spec"]
    }


def initial_state(spec):
    return {control["name"]: control["value"] for control in spec["controls"]}


def settings(control):
    """The values to try on one control: least, middle and largest, or every option."""
    if control["kind"] == "slider":
        least, largest, step = control["min"], control["max"], control["step"]
        # rounded, or a middle that is the start would pass for another value
        middle = round(least + step * round((largest - least) / step / 2), 9)
        return [least, middle, largest]
    if control["kind"] == "choice":
        return list(range(len(control["options"])))
    if control["kind"] == "simplex":
        return [
            shares
            for index in range(len(control["labels"]))
            for shares in _bar_settings(control, index)
        ]
    raise ValueError(f"control {control['name']!r} is of an unknown kind, {control['kind']!r}")


def _bar_settings(control, index):
    """One bar at its least, middle and largest share; the others share the rest evenly."""
    others = len(control["labels"]) - 1
    least, total = control["minimum"], control["total"]
    largest = total - least * others
    for share in (least, (least + largest) // 2, largest):
        rest, extra = divmod(total - share, others)
        shares = [rest + (place < extra) for place in range(others)]
        yield [*shares[:index], share, *shares[index:]]


def sweep(widget_states, kernel_manager):
    """Sentences about controls that fail, of the explorers in the kernel of a finished run."""
    found = explorers(widget_states)
    problems = []
    if found:
        with _front_end(kernel_manager) as front_end:
            for model, spec in found.items():
                problems += _sweep_one(front_end, model, spec)
    return problems


def _sweep_one(front_end, model, spec):
    start = initial_state(spec)
    title = spec.get("title", model)
    first, problem = front_end.ask(model, start)
    if problem:
        return [f"{title}: at the start: {problem}"]
    problems = []
    for control in spec["controls"]:
        for value in settings(control):
            frame, problem = front_end.ask(model, start | {control["name"]: value})
            problem = problem or _frame_problem(frame, first, value != control["value"])
            if problem:
                problems.append(f"{title}: {control['name']} = {value}: {problem}")
    return problems


def _frame_problem(frame, first, moved):
    if moved and frame == first:
        return "the picture stays as it was"
    words = [text for text in frame[0].get("strings", []) if text.startswith("FAILS")]
    return f"an invariant {words[0]}" if words else None


@contextmanager
def _front_end(kernel_manager):
    """A second client of the kernel, with channels of its own."""
    client = BlockingKernelClient()
    client.load_connection_info(kernel_manager.get_connection_info())
    client.start_channels()
    try:
        client.wait_for_ready(timeout=ANSWER_SECONDS)
        yield FrontEnd(client)
    finally:
        client.stop_channels()


class FrontEnd:
    """Asks explorers for frames through the kernel's channels."""

    def __init__(self, client):
        self.client = client
        self.asked = 0

    def ask(self, model, state):
        """(frame, None) or (None, what went wrong) for one state of one explorer."""
        self.asked += 1
        content = {"type": "state", "id": self.asked, "state": state}
        message = self.client.session.msg(
            "comm_msg", {"comm_id": model, "data": {"method": "custom", "content": content}}
        )
        self.client.shell_channel.send(message)
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            try:
                reply = self.client.get_iopub_msg(timeout=deadline - time.monotonic())
            except Empty:
                break
            kind, body = reply["msg_type"], reply["content"]
            if kind == "error":
                return None, f"{body['ename']}: {body['evalue']}"
            if kind == "stream" and body["name"] == "stderr":
                return None, f"writes to stderr: {body['text'].strip()}"
            if kind != "comm_msg" or body["comm_id"] != model:
                continue
            answer = body["data"].get("content", {})
            if answer.get("id") != self.asked:
                continue
            if answer.get("type") != "frame":
                return None, answer.get("text", f"answers {answer.get('type')!r}")
            picture = {key: part for key, part in answer.items() if key != "id"}
            return (picture, [bytes(buffer) for buffer in reply["buffers"]]), None
        return None, f"no answer within {ANSWER_SECONDS} s"
