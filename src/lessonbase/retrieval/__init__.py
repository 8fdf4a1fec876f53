"""What is known that bears on a question: candidates, their fusion, and how sure we are."""
