"""A real Asterisk for the tests, with telephones: on loopback, nothing installed on the machine.

``install`` gets a release · ``server`` starts one · ``telephone`` calls and is called · ``console`` orders what a program
orders · ``plays`` what people do on the telephone, with the truth of it.
"""
