"""A request of a site makes the phones ring: who is responsible, the group, and then the client (S1-25, S1-28…38).

``rules`` the numbers, and what is never dialled · ``campaigns`` how it goes on, in rows · ``orders`` what a link is given to
dial · ``showing`` what the card of the contact tells of it.
"""
