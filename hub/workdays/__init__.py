"""Working days (工作日): the days by which deadlines are counted."""
