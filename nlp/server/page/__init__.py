"""The web page of ``pathcap serve``: a caption in, its mentions and its network out.

Plain modules of JavaScript ask the server's own routes and nothing else. The colours, letters and tables are those of
the reports (``nlp.evaluation.html``), whose style sheet the page shares.
"""

from nlp.server.page.router import page_routes

__all__ = ["page_routes"]
