"""Networks and what feeds them: pieces and shapes of a text, windows of pieces, tags of spans, graphs and modules.

What inference on a CPU needs (``pieces``, ``inputs``, ``windows``, ``tags``, ``graph``) imports no torch.
"""
