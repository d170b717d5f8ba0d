"""The program that the kernel is handed, run here for both machines, one call after the other."""

import platform

import pytest

from klteach.grading.inside import seccomp
from klteach.grading.inside.seccomp import ASKED, IDLE, REFUSED, program

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOWED, REFUSES, IS_NOT_THERE, DOES_NOTHING = "allowed", 1, 38, 0
ME, ANOTHER = 7, 8
EVERYBODY, MY_GROUP = 2**32 - 1, 0


def answer(machine, name, *arguments, apart=True, landlock=0, code=None, number=None):
    """What the kernel answers to a call."""
    place, own_code = MACHINES[machine]
    if number is None:
        number = {**REFUSED, **IDLE, **ASKED}[name][place]
    words = {0: number, 4: code or own_code}
    words |= {16 + 8 * i: argument & 0xFFFFFFFF for i, argument in enumerate(arguments)}
    held, line = 0, 0
    lines = program(machine, ME, apart, landlock)
    while True:
        what, if_so, if_not, value = lines[line]
        line += 1
        if what == 0x20:
            held = words.get(value, 0)
        elif what == 0x54:
            held &= value
        elif what == 0x06:
            return ALLOWED if value == 0x7FFF0000 else value - 0x00050000
        else:
            holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[what]
            line += if_so if holds else if_not


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


def there(machine, table):
    place, _ = MACHINES[machine]
    return [name for name, numbers in table.items() if numbers[place] is not None]


def test_what_is_refused_is_refused_and_the_rest_is_allowed(machine):
    for name in there(machine, REFUSED):
        assert answer(machine, name) == REFUSES
    numbers = {numbers[MACHINES[machine][0]] for numbers in {**REFUSED, **IDLE, **ASKED}.values()}
    for number in set(range(500)) - numbers:
        assert answer(machine, "", number=number) == ALLOWED
    assert answer(machine, "", number=0x40000000 + 39) == REFUSES
    assert answer(machine, "ptrace", code=0x40000003) == REFUSES


@pytest.mark.parametrize("name", ["kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"])
def test_signals_go_to_the_process_itself_alone(machine, name):
    assert answer(machine, name, ME, 9) == ALLOWED
    for other in (ANOTHER, EVERYBODY, MY_GROUP, 2**32 - ME, 1):
        assert answer(machine, name, other, 9) == REFUSES
    # the kernel takes the lower half
    assert answer(machine, name, ANOTHER + 2**32, 9) == REFUSES


def test_limits_are_changed_of_the_process_itself_alone(machine):
    assert answer(machine, "prlimit64", 0, 7) == answer(machine, "prlimit64", ME) == ALLOWED
    assert answer(machine, "prlimit64", ANOTHER, 7) == REFUSES


def test_threads_are_made_and_no_processes(machine):
    assert answer(machine, "clone", 0x003D0F00) == ALLOWED
    assert answer(machine, "clone", 17) == REFUSES
    assert answer(machine, "clone3") == IS_NOT_THERE


def test_pairs_of_sockets_are_streams_that_end_here(machine):
    stream, datagram, packets, at_once = 1, 2, 5, 0o4000
    assert answer(machine, "socketpair", 1, stream | at_once) == ALLOWED
    for kind in (datagram, packets, datagram | at_once):
        assert answer(machine, "socketpair", 1, kind) == REFUSES
    assert answer(machine, "socketpair", 2, stream) == REFUSES


def test_nobody_else_is_sent_signals_and_letters_by_a_file(machine):
    for command in (8, 10, 15):
        assert answer(machine, "fcntl", 3, command, ANOTHER) == REFUSES
    for command in (0x8901, 0x8902, 0x5412, 0x541C):
        assert answer(machine, "ioctl", 3, command) == REFUSES
    assert answer(machine, "fcntl", 3, 4) == answer(machine, "ioctl", 3, 0x5401) == ALLOWED


def test_modes_and_times_stay_where_the_files_are_the_instructors(machine):
    for name in there(machine, IDLE):
        assert answer(machine, name, apart=False, landlock=8) == DOES_NOTHING
        assert answer(machine, name, apart=True) == ALLOWED


def test_files_are_not_cut_off_where_landlock_does_not_see_it(machine):
    read, write, cut = 0, 1, 0o1000
    for name, before in {"open": [0], "openat": [3, 0]}.items():
        if name not in there(machine, ASKED):
            continue
        for flags in (read, write, write | cut, 2 | cut):
            assert answer(machine, name, *before, flags, apart=False, landlock=1) == ALLOWED
        assert answer(machine, name, *before, read | cut, apart=False, landlock=2) == REFUSES
        assert answer(machine, name, *before, read | cut, apart=False, landlock=3) == ALLOWED
        assert answer(machine, name, *before, read | cut, apart=True) == ALLOWED
    assert answer(machine, "truncate", apart=False, landlock=2) == REFUSES
    assert answer(machine, "truncate", apart=False, landlock=3) == ALLOWED
    assert answer(machine, "openat2", apart=False, landlock=2) == IS_NOT_THERE


def test_a_machine_that_is_not_known_has_no_seccomp(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    assert seccomp.hold(True, 8) is False
    with pytest.raises(KeyError):
        seccomp.number("kill")
