"""How good a ranking is: questions with known answers, put to a base of their own."""
