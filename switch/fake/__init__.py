"""An Asterisk in memory: the same requests, refusals, events, orders and races, without a wire.

asterisk    everything that lives in it: channels, bridges, endpoints, globals, the application
request     ARI's requests, with its words for refusals
stream      the event stream of one connection
connection  `Switch` on it instead of on HTTP and WebSocket
channel     a channel, what is set on it, and what pulls it away from where it is
bridge      a bridge and the playbacks that queue in it
dialplan    what `siaga-extensions.conf` does with a caller
phone       people and their phones, on both sides
behaviour   what they do when it rings
"""
