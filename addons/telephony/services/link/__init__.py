"""The links to the exchanges: one thread that reads, one that reduces and stores, for each exchange.

``adapters`` what a kind of exchange is · ``desk`` where its calls are told, and stored · ``keeper`` which links there are ·
``wire`` and ``reading`` the manager interface of Asterisk · ``logbook`` and ``filling`` its own log, for what was missed ·
``asterisk`` the adapter for it.
"""
