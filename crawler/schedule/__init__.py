"""The scheduler: keeps the sites' schedules, does the jobs of the table, tells what is wrong."""
