"""The venue on sockets: keys, certificate, the door of requests, and the server itself."""
