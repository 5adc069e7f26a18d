"""Access by public transport: how often it comes, where it takes people, and what another timetable would change."""
