"""Marks as tables, with what the teacher adds: adjustments, a roster, a due date."""
