"""What is taken to a meeting: the report as sheets and as a document, and the workbook with every number."""
