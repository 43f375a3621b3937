"""What an Asterisk says of its calls, made into calls: pure modules without a socket, a database or a clock.

``messages`` bytes to messages · ``events`` messages to facts · ``cel`` and ``snapshots`` facts that the link missed ·
``channels`` what is known of a channel · ``pool`` which channels are one call · ``calls`` what the facts of a call
amount to · ``reducer`` all of it together.
"""
