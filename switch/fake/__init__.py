"""An Asterisk in memory: the same requests, refusals, events, orders and races, without a wire.

asterisk     the whole: what is asked of it, what people do, what breaks
connection   `Switch` on it instead of on HTTP and WebSocket
exchange     its inside: channels, bridges, endpoints, and what happens to them
request      ARI's requests on the exchange; `refusal` is how it says no
dialplan     what `siaga-extensions.conf` does with a caller
application  who hears events; `stream` is one connection on which they go, `wire` its troubles
channel      a channel, what is set on it, and what pulls it away from where it is
bridge       a bridge, and the playbacks that queue in it
endpoint     a seat or a trunk, and its device state
phone        people and their phones, on both sides; `behaviour` is what they do
"""
