"""The same steps on more than one process or machine: tasks that read and write files, and who carries them out."""
