#!lua flags=allow-oom
-- Lets a story's paused line go on; what was buried so far is not held against it.
-- KEYS: 1 state
-- Returns why it was paused.
local paused = redis.call('HGET', KEYS[1], 'paused')
redis.call('HDEL', KEYS[1], 'paused', 'buried')
return paused or ''
