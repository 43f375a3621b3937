"""What comes in by itself: site forms, the app, messengers (S1-05…07, S1-23…27, S1-40…43).

``adapters`` what a kind of source is · ``signing`` the secrets and signatures · ``forms`` ``telegram`` ``whatsapp`` ``jivosite`` the
adapters of contacts · ``sources`` the records of the sources · ``receiving`` a delivery becomes a contact, once · ``requests`` who
is told of it · ``talks`` what clients write, and what is written to them · ``sending`` how that goes out · ``outside`` the
only way to another host · ``limits`` how often a source may come.
"""
