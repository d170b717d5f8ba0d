"""Explorers: pictures that a learner drags, one module per unit.

An explorer is a pure function from a state to a picture plus words. `explorer.py` turns that
function into a widget, `picture.py` into paths for the browser, `frame.py` names what the function
returns (with the `Task`s that tick themselves when a state fulfils them), `controls.py` what can be
moved, `handles.py` what is taken hold of.
"""
