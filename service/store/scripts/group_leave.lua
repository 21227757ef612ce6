#!lua flags=allow-oom
-- Removes a group with all that is known of it: events are kept for it no longer.
-- KEYS: 1 stream, 2 the group's state, 3 the group's dead letters   ARGV: 1 group
-- Returns 1 if there was one.
local left = redis.call('EXISTS', KEYS[1]) == 1 and redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1]) or 0
redis.call('DEL', KEYS[2], KEYS[3])
return left
