"""Grading a class: fair, isolated, fast, and useful to the teacher.

    collect      what was handed in: files, folders, downloads of learning platforms, archives
    notebook     one notebook read from its bytes; matching: which exercise it is
    session      a learner's process, from the grader's side; inside/: what runs in it
    grade        one notebook to one record; run: a class, on all cores; cluster: on Dask
    records      results.jsonl; marks: CSV files; page: a page for each learner and for the class

Cells and answers run in a process that sees neither the references nor other work; the verdict is
reached outside of it, by the checks of `klteach.practice`, on inputs that are drawn there.
"""
