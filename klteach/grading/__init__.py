"""Grading a class: fair, isolated, fast, and useful to the teacher.

    collecting/  what was handed in: files, folders, downloads of learning platforms, archives
    notebooks/   one notebook: read from its bytes, matched with its exercise, run
    session      a learner's process, from the grader's side; inside/: what runs in it
    grade        one notebook to one record; run: a class, on all cores; cluster: on Dask
    records      results.jsonl; hand_ins: what earlier runs left, and which notebook counts
    remarks      what only the whole class shows; similar: answers of one form
    report       all that is written, of marking/ (tables, and what the teacher adds) and pages/

Cells and answers run in a process that sees neither the references nor other work; the verdict is
reached outside of it, by the checks of `klteach.practice`, on inputs that are drawn there.
"""
