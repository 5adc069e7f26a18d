"""What a study leaves behind: tables for analysts, maps for planners, the record for researchers."""
