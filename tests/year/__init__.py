"""A year of cron over blogs that live, stumble, move and die, on a virtual clock."""
