"""The world outside: who can be asked about a parcel, how, and what the answers mean.

Usable without the watcher: `registry` knows every source, an adapter turns queries into one HTTP request and its
response into tracks, `reading` turns a line of courier's text into milestone, reasons and people to call.
"""
