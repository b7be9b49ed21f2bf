"""pathcap: text mining of pathway figure captions."""
