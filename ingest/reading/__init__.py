"""Documents of strangers, read where they can do no harm.

- `document`   one answer, read and normalised: pure
- `worker`     the process that does it, under a limit of memory, gone with its parent
- `talk`       how the two speak with one another
- `forkserver` what such processes are forked from, seen from the run
- `process`    one of them, seen from the run
- `pool`       hands documents to them, under a limit of time
- `places`     how many there may be at a time
- `reader`     the documents of one source's run, each in its turn
- `telling`    what one says to an answer, and that no answer keeps the others waiting

A run reads in processes of their own because a page can be made to eat a machine: the system ends a process that
wants too much, and its source alone has failed.
"""
