"""At the door of every write: what is secret goes, what commands is kept out, what is trusted is said."""
