"""The web edition: the course as a folder of plain files, to be read with nothing to install.

    python3 course.py site OUT

It is made from the committed notebooks and shows no number that they do not show. The explorers,
the predictions and the warm-ups answer in the page, by the scripts of `klteach` itself. A page asks
nobody but its own folder for anything, so it reads from the disk as well as from a host.

`build` walks through the course and writes the folder; `page` turns a notebook into a page,
`collect` runs its code and keeps the widgets, `widget_data` says what a page needs of them.
`python_files` has the browser's own Python, which checks exercises in the page, and `course_zip`
what it needs of klteach.
"""
